import { describe, expect, it } from 'vitest';
import { renderError } from '../../../src/cli/render/error.ts';

const plain = { color: false, ascii: false };

describe('an error', () => {
  it('says what, why, what is true now and what to do, with the last log lines below', () => {
    expect(
      renderError(
        {
          code: 'image-crashed',
          what: 'trying v3 of my-exp beside the running study',
          why: 'oTree crashed.',
          now: 'v2 serves, untouched.',
          hint: 'Mend it.',
          log: ['Traceback:', 'KeyError: 5'],
        },
        plain,
      ),
    ).toBe(`Failed: trying v3 of my-exp beside the running study
  Why:   oTree crashed.
  Now:   v2 serves, untouched.
  To do: Mend it.
  Its last log lines:
  │ Traceback:
  │ KeyError: 5`);
  });

  it('leaves out what it does not know', () => {
    expect(renderError({ code: 'timed-out', what: 'asking dockerd' }, plain)).toBe('Failed: asking dockerd');
  });

  it('can do without letters beyond ASCII and without colours', () => {
    const text = renderError({ code: 'image-crashed', what: 'x', log: ['a line'] }, { color: false, ascii: true });

    expect(text).toBe('Failed: x\n  Its last log lines:\n  | a line');
  });

  it('has colours where they are wanted', () => {
    expect(renderError({ code: 'timed-out', what: 'x' }, { color: true, ascii: false })).toBe(
      '\u001b[31mFailed:\u001b[39m x',
    );
  });

  it('shows what a terminal would obey and does not let it', () => {
    expect(renderError({ code: 'engine-refused', what: 'x', why: 'bad \u001b[2J words' }, plain)).toContain(
      'bad ␛[2J words',
    );
  });

  it('that is a bug asks for a report, and shows its stack when there is one to show', () => {
    expect(renderError({ code: 'bug', what: 'x is undefined' }, plain)).toBe(`This is a bug in oForest: x is undefined
  Please report it with the command you typed.`);
    expect(renderError({ code: 'bug', what: 'x is undefined' }, { ...plain, stack: 'at line 7' })).toContain(
      'at line 7',
    );
  });
});
