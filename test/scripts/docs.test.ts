import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { guideFiles } from '../../scripts/docs/guide.ts';
import { ground, inks, pictureOf } from '../../scripts/docs/picture.ts';
import { actions } from '../../src/cli/tui/model/actions.ts';
import { globalBindings } from '../../src/cli/tui/model/global-bindings.ts';
import { bindingsOf, screenNames } from '../../src/cli/tui/model/screens.ts';

const page = 'docs/terminal-ui.md';
const read = (path: string) => readFileSync(path, 'utf8');

beforeAll(() => void vi.stubEnv('TZ', 'UTC'));
afterAll(() => void vi.unstubAllEnvs());

describe('the guide to the terminal UI', () => {
  it('is what the program itself says and shows; make it anew with `npm run docs`', () => {
    for (const [path, made] of guideFiles(read)) expect(read(path), path).toBe(made);
  });

  it('shows every picture that there is, and no other', () => {
    const shown = [...read(page).matchAll(/\(pictures\/([^)]+)\)/g)].map(([, name]) => name);

    expect(readdirSync('docs/pictures').sort()).toEqual(shown.toSorted());
  });

  it('explains every key of the registry, and every action', () => {
    const text = read(page);
    const explained = (keys: readonly string[], does: string) =>
      text.includes(`| ${keys.map((key) => `\`${key}\``).join(' ')} | ${does} |`);

    const all = [...screenNames.flatMap(bindingsOf), ...globalBindings];
    expect(all.filter(({ keys, does }) => !explained(keys, does))).toEqual([]);
    expect(text.match(/<!-- actions.*end of actions/s)?.[0].match(/^\| `/gm)?.length).toBeGreaterThan(actions.length);
  });
});

describe('a picture of a screen', () => {
  it('has each piece of text in its columns, with its look', () => {
    const frame = [
      [{ text: ' 財 ' }, { text: '● ok', color: 'green' as const, bold: true as const }, { text: '  a <b> & c  ' }],
    ];

    expect(pictureOf(frame, 'A & B').split('\n').slice(4)).toEqual([
      '<text x="22" y="27" textLength="16">財</text>',
      '<text x="46" y="27" textLength="32" class="green bold">● ok</text>',
      '<text x="94" y="27" textLength="72">a &lt;b&gt; &amp; c</text>',
      '</svg>',
      '',
    ]);
    expect(pictureOf(frame, 'A & B')).toContain('<title>A &amp; B</title>');
  });

  it('shows what is inverse on a ground of its own', () => {
    const picture = pictureOf([[{ text: 'find', inverse: true }]], '');

    expect(picture).toContain(`<rect x="14" y="14" width="32" height="18" fill="${inks.plain}"/><text`);
  });

  it('can be read: each colour has a contrast of at least 4.5 to 1', () => {
    for (const ink of Object.values(inks)) expect(contrast(ink, ground), ink).toBeGreaterThan(4.5);
  });

  it('is small, and needs nothing from elsewhere', () => {
    for (const name of readdirSync('docs/pictures')) {
      const picture = read(`docs/pictures/${name}`);
      expect(picture.length, name).toBeLessThan(12_000);
      expect(picture.replace('http://www.w3.org/2000/svg', ''), name).not.toMatch(
        /https?:\/\/(?!\S*example)|href|url\(/,
      );
    }
  });
});

/** As WCAG 2 has it. */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = (hex.match(/[\da-f]{2}/g) ?? []).map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
