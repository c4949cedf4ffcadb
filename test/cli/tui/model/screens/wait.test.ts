import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { farewell } from '../../../../../src/cli/tui/view/farewell.ts';
import { aReview } from '../../support/reviews.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { textOf } from '../../support/text-of.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';
import { reviewed } from '../../support/walk-reviews.ts';

const studies = [aStudy({ people: 3 }), aStudy({ experiment: 'ultimatum', people: 24 })];
const start = walkFrom(aTuiState({ studies }));
const shown = ({ state }: Walk) => textOf(state).join('\n');
/** From the list: the study under the cursor is to be restarted once nobody is there. */
const waitingFor = (walk: Walk, people: number) => reviewed(walk.press('Enter', 'f'), { people }).press('Enter');
const idsOf = ({ state }: Walk) => state.waits.map(({ id }) => id);
const lastId = ({ state }: Walk) => state.waits.at(-1)?.id ?? 0;

describe('what waits for people to leave', () => {
  it('says what it waits for, for how long at most, and that this window waits', () => {
    const waiting = waitingFor(start, 3);
    const told = waiting.hear({
      ...{ kind: 'waiting', serial: lastId(waiting), sentence: 'Waiting: 3 people are on a page.' },
    });

    expect(shown(told)).toContain('Waiting: 3 people are on a page.');
    expect(shown(told)).toMatch(/4 hours at most, until \d\d:\d\d/);
    expect(shown(told)).toContain('It is this window that waits');
    expect(shown(told)).toContain('Same as:  oforest restart trust-game --after-session');
  });

  it.each([['Esc'], ['2'], ['3'], ['4'], ['1'], ['Ctrl-C'], [':']])('goes on when its screen is left by %s', (key) => {
    const left = waitingFor(start, 3).press(key, '1');

    expect(left.state.waits).toHaveLength(1);
    expect(effectsOf(left, 'stop-waiting')).toEqual([]);
  });

  it('stands in the list, in the menu of its study and under Activity, from where it is opened again', () => {
    const left = waitingFor(start, 3).press('Esc');
    expect(shown(left)).toContain('The restart waits until its people have left');
    expect(shown(left.press('1'))).toMatch(/trust-game +· Waits: 3 people/);

    const activity = left.press('3');
    expect(shown(activity)).toMatch(/trust-game +restart +· Waits: 3 people.*this window/);
    expect(shown(activity)).toContain('1 waiting for people');
    expect(topScreen(activity.press('Enter').state)).toMatchObject({ name: 'wait', stack: 'trust-game' });
  });

  it.each([
    ['on its own line of Activity', (walk: Walk) => walk.press('3', 'x')],
    ['on its screen', (walk: Walk) => walk.press('x')],
    ['by its second line', (walk: Walk) => walk.press('Down', 'Enter')],
  ])('is ended %s, with a word', (_, end) => {
    const waiting = waitingFor(start, 3);
    const ended = end(waiting);

    expect(ended.state.waits).toEqual([]);
    expect(effectsOf(ended, 'stop-waiting')).toEqual([{ kind: 'stop-waiting', serial: lastId(waiting) }]);
    expect(shown(ended)).toContain('the restart of trust-game was not begun, and nothing has changed.');
  });

  it('is named after leaving, with the command that waits', () => {
    expect(farewell(waitingFor(start, 3).press('3').state, 'oforest')).toEqual([
      'The restart of trust-game was not begun: nobody waits any more until the people have left.',
      '  Wait for it:      oforest restart trust-game --after-session',
    ]);
  });

  it('can be several at once, each with news of its own', () => {
    const both = waitingFor(waitingFor(start, 3).press('1', 'Down'), 24);
    const [one = 0, other = 0] = idsOf(both);
    const sentence = 'Waiting: 24 people are on a page.';
    const begun = both
      .hear({ kind: 'waiting', serial: other, sentence })
      .hear({ kind: 'started', serial: one, operation: 'op1', where: 'keeper' });

    expect(begun.state.waits).toMatchObject([{ stack: 'ultimatum', told: sentence }]);
    expect(shown(begun)).toContain('Nobody is in a session of trust-game any more: the restart has begun.');
    expect(topScreen(begun.state).name).toBe('wait');
  });

  it('gives way to another one of the same study, which is said', () => {
    const again = waitingFor(waitingFor(start, 3).press('1'), 3);

    expect(again.state.waits).toHaveLength(1);
    expect(effectsOf(again, 'stop-waiting')).toHaveLength(1);
    expect(again.state.notice).toContain('was not begun');
  });

  it('becomes the operation where somebody looks at it, also below what is open above', () => {
    const waiting = waitingFor(start, 3);
    const begun = waiting.press('?').hear({ ...startedBy(waiting) });

    expect(begun.state.screens.map(({ name }) => name)).toEqual(['experiments', 'study', 'progress', 'help']);
    expect(effectsOf(begun, 'follow')).toMatchObject([{ operation: 'op1' }]);
  });

  it('asks what to do where it could not begin, and says so everywhere else', () => {
    const waiting = waitingFor(start, 3);
    const error = { code: 'participants-present', what: 'waiting', why: 'They stay.' } as const;
    const refused = { kind: 'refused', serial: lastId(waiting), error } as const;

    expect(topScreen(waiting.hear(refused).state)).toMatchObject({ name: 'review', phase: { kind: 'refused' } });
    const elsewhere = waiting.press('1').hear(refused);
    expect(elsewhere.state).toMatchObject({ waits: [], failure: error });
  });

  it('says that nothing is left to do', () => {
    const waiting = waitingFor(start, 3);
    const review = aReview({ verb: 'restart', study: studies[0] ?? aStudy() }, { plan: [] });
    const settled = { kind: 'reviewed', serial: lastId(waiting), review, people: undefined } as const;

    expect(shown(waiting.hear(settled))).toContain('Nothing to do');
    expect(waiting.press('1').hear(settled).state).toMatchObject({ waits: [] });
  });

  it('keeps the window at its server, and says why', () => {
    const elsewhere = waitingFor(start, 3)
      .press('1', 'g')
      .hear({
        kind: 'servers-listed',
        serial: waitingFor(start, 3).press('1', 'g').state.opened,
        servers: others,
        usual: undefined,
      })
      .press('Down', 'Enter');

    expect(elsewhere.state).toMatchObject({ server: 'lab', waits: [{ stack: 'trust-game' }] });
    expect(shown(elsewhere)).toContain('The restart of trust-game waits on lab');
  });

  it('is told of by Ctrl-C before it would end', () => {
    expect(shown(waitingFor(start, 3).press('1', 'Ctrl-C'))).toContain('what waits for people will not begin');
  });
});

const others = [
  { name: 'lab', where: 'a' },
  { name: 'other', where: 'b' },
];

function startedBy(walk: Walk) {
  return { kind: 'started', serial: lastId(walk), operation: 'op1', where: 'keeper' } as const;
}
