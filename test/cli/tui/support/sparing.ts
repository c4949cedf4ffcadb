import { expect, it } from 'vitest';
import { openApp } from './open-app.ts';
import { aTuiState, someStudies } from './states.ts';

const size = { columns: 120, rows: 40 };
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';
/** Erase the screen, or from the top left corner on: what makes a terminal flicker. */
const clears = /\u001b\[[23]J|\u001b\[(1;1)?H\u001b\[0?J/;

/** No flicker, and no more bytes than a change is worth: the same on every platform. */
export function itDrawsSparingly(): void {
  it('is at most 800 bytes for moving the selection', async () => {
    await using app = await openApp(aTuiState({ size, studies: someStudies(20) }));
    await app.press('Down');
    app.terminal.forget();

    await app.press('Down');

    expect(app.terminal.written.join('').length).toBeLessThanOrEqual(800);
  });

  it('is at most 600 bytes for a row that changes', async () => {
    const studies = someStudies(20);
    await using app = await openApp(aTuiState({ size, studies }));
    app.terminal.forget();

    const [first, , third, ...rest] = studies.map((study) => ({ ...study }));
    if (!first || !third) throw new Error('there are 20');
    const changed = [first, { ...third, stack: 'study-0001', state: 'stopped' as const }, third, ...rest];
    await app.tell({ kind: 'compared', studies: changed, activity: [], at: app.store.read().now });

    expect(app.terminal.written.join('').length).toBeGreaterThan(0);
    expect(app.terminal.written.join('').length).toBeLessThanOrEqual(600);
  });

  it('is nothing when nothing changes', async () => {
    await using app = await openApp(aTuiState({ size }));
    app.terminal.forget();

    await app.tell({ kind: 'ticked' });

    expect(app.terminal.written.filter((chunk) => chunk !== '')).toEqual([]);
  });

  it('never clears the screen, and comes in whole frames', async () => {
    await using app = await openApp(aTuiState({ size, studies: someStudies(100) }));
    app.terminal.forget();

    await app.press(
      'Down',
      'PgDn',
      'End',
      'Home',
      'Enter',
      'Down',
      'Esc',
      '?',
      'Esc',
      ':',
      'b',
      'Esc',
      '/',
      '7',
      'Esc',
    );

    const frames = app.terminal.written.join('');
    expect(frames).not.toMatch(clears);
    expect(frames.replaceAll(/\u001b\[\?2026h[\s\S]*?\u001b\[\?2026l/g, '')).toBe('');
    expect(frames.split(begin).length).toBe(frames.split(end).length);
  });
}
