import { withTop } from '../../tui/model/next.ts';
import { beginningsOf, type WelcomeScreen } from '../../tui/model/screens/welcome.ts';
import { topScreen } from '../../tui/model/state.ts';
import { whatItIs } from '../../tui/view/welcome.ts';
import { press, type Say } from '../spoken.ts';

export const sayWelcome: Say<'welcome'> = (state) => ({
  told: [whatItIs],
  choices: beginningsOf(state).map(({ label, means }, cursor) => ({
    label: `${label}. ${means}`,
    run: (now) => press('Enter')(withTop(now, { ...(topScreen(now) as WelcomeScreen), cursor })),
  })),
  asks: 'Type a number, or quit.',
});
