import { describe, expect, it } from 'vitest';
import type { Link, TuiState } from '../../../../src/cli/tui/model/state.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aTuiState } from '../support/states.ts';

const hintsOf = (state: TuiState) => shownLines(state).at(-1);
const on = (columns: number, rows: number) => aTuiState({ size: { columns, rows } });

describe('the hints', () => {
  it('below the list name what is done most, on 80x24', () => {
    expect(hintsOf(on(80, 24))).toBe(' ↑↓ move  Enter open  d deploy  l logs  n new  / filter  ? help  q quit');
  });

  it('keep room for help and the way out, however little there is', () => {
    expect(hintsOf(on(60, 15))).toBe(' ↑↓ move  Enter open  d deploy  l logs  ? help  q quit');
  });

  it('keep the way back and what Enter does as well', () => {
    const hints = hintsOf(pressed(on(60, 15), 'Enter'));

    expect(hints).toBe(' ↑↓ choose  Enter do it  Esc back  ? help  q quit');
  });

  it('say more where there is room', () => {
    expect(hintsOf(on(120, 40))).toBe(
      ' ↑↓ move  Enter open  d deploy  l logs  n new  / filter  : find an action  g other server  ? help  q quit',
    );
  });

  it('begin with what helps while the server does not answer', () => {
    const error = { code: 'host-unreachable', what: 'connecting to lab' } as const;
    const link: Link = { kind: 'offline', since: 0, error, nextTryAt: 'when-asked' };

    expect(hintsOf(aTuiState({ link }))).toBe(
      ' r try now  g other server  ↑↓ move  Enter open  l logs  n new  ? help  q quit',
    );
  });

  it('name no key that is a letter while something is typed', () => {
    expect(hintsOf(pressed(on(80, 24), '/', 'q'))).toBe(' Enter keep');
  });

  it('name each key once, as the screen has it', () => {
    const error = { code: 'host-unreachable', what: 'connecting to lab' } as const;
    const link: Link = { kind: 'offline', since: 0, error, nextTryAt: 'when-asked' };

    expect(hintsOf(pressed(aTuiState({ link }), '4'))).toBe(
      ' g other server  r check again  Esc back  / filter  ? help  q quit',
    );
  });
});
