import { counted } from '../../../core/index.ts';
import { checkCommand, checksOf, isUnprepared, outcomeWords, problemsOf } from '../../tui/model/screens/check.ts';
import { openPrepare } from '../../tui/model/screens/prepare.ts';
import { type Choice, press, type Say } from '../spoken.ts';
import { sentence } from '../words.ts';

export const sayCheck: Say<'check'> = (state) => {
  const { found, isLooking } = state.serverLook;
  const checks = checksOf(state.serverLook);
  const choices: readonly Choice[] = [
    { label: 'Check again', run: press('r') },
    ...(isUnprepared(state)
      ? [{ label: 'Prepare the server. What would change is told first', run: openPrepare }]
      : []),
    ...(checks.length > 0 ? [{ label: 'Read out a report for whoever runs the server', run: press('c') }] : []),
  ];
  return {
    told: [
      ...(checks.length > 0
        ? [`${counted(checks.length, 'check')} of ${state.server}, ${problemsOf(state) ?? 'all ok'}.`]
        : []),
      ...checks.flatMap(({ outcome, sentence: what, hint }) => [
        `${outcomeWords[outcome]}: ${what}`,
        ...(hint === undefined ? [] : [`To do: ${hint}`]),
      ]),
      ...(checks.length > 0 ? [`As a command: ${checkCommand(state)}`] : []),
      ...(found?.kind === 'failed'
        ? [sentence(`${found.error.what} failed: ${found.error.why ?? 'no reason is known'}`)]
        : []),
      ...(isLooking && !found ? [`Asking ${state.server} how everything is that studies stand on.`] : []),
    ],
    choices: isLooking ? [] : choices,
    asks: isLooking ? '' : 'Type a number, back, help, or quit.',
    ...(isLooking && { waitsFor: 'the server is checked' }),
  };
};
