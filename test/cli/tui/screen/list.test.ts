import { describe, expect, it } from 'vitest';
import { openApp } from '../support/open-app.ts';
import { aStudy, aTuiState, someStudies } from '../support/states.ts';

describe('the list on a terminal', () => {
  it('shows every study with its state in a glyph, a word and a colour', async () => {
    const studies = [aStudy({ experiment: 'trust-game' }), aStudy({ experiment: 'survey', state: 'stopped' })];
    await using app = await openApp(aTuiState({ studies }));

    const shown = app.screen.styled();
    expect(shown.find((line) => line.includes('trust-game'))).toContain('[green bold]● [bold]Running');
    expect(shown.find((line) => line.includes('survey'))).toContain('[dim]○ []Stopped');
  });

  it('shows all of 50 keys that come in one burst', async () => {
    await using app = await openApp(aTuiState({ studies: someStudies(100) }));

    await app.type('j'.repeat(50), 50);

    expect(app.screen.lines().find((line) => line.startsWith('❯'))).toContain('study-0050');
  });

  it('gives the terminal back as it was', async () => {
    const app = await openApp(aTuiState());
    expect([app.screen.isAlternate, app.terminal.isRaw]).toEqual([true, true]);

    await app[Symbol.asyncDispose]();

    expect([app.screen.isAlternate, app.terminal.isRaw]).toEqual([false, false]);
    expect(app.terminal.written.join('')).toMatch(/\u001b\[\?2004l[\s\S]*\u001b\[\?1049l\u001b\[\?25h$/);
  });
});
