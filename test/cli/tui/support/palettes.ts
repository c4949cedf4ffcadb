import type { Cell, Color } from '../../../../src/cli/tui/view/line.ts';

/** The colours of a terminal as `#rrggbb`: those that it writes in by itself, and of the sixteen those that we use. */
export interface Palette {
  readonly foreground: string;
  readonly background: string;
  readonly colors: Readonly<Record<Color, string>>;
  /** The same eight places further on, where bold is drawn bright. */
  readonly bright: Readonly<Record<Color, string>>;
  readonly isBoldBright: boolean;
}

/** The same eight and eight on its dark and on its light ground. */
const solarized: Pick<Palette, 'colors' | 'bright'> = {
  colors: { red: '#dc322f', green: '#859900', yellow: '#b58900', cyan: '#2aa198' },
  bright: { red: '#cb4b16', green: '#586e75', yellow: '#657b83', cyan: '#93a1a1' },
};

/** As these terminals come. */
export const palettes: Readonly<Record<string, Palette>> = {
  xterm: {
    ...{ foreground: '#e5e5e5', background: '#000000', isBoldBright: true },
    colors: { red: '#cd0000', green: '#00cd00', yellow: '#cdcd00', cyan: '#00cdcd' },
    bright: { red: '#ff0000', green: '#00ff00', yellow: '#ffff00', cyan: '#00ffff' },
  },
  'GNOME light': {
    ...{ foreground: '#171421', background: '#ffffff', isBoldBright: false },
    colors: { red: '#c01c28', green: '#26a269', yellow: '#a2734c', cyan: '#2aa1b3' },
    bright: { red: '#f66151', green: '#33da7a', yellow: '#e9ad0c', cyan: '#33c7de' },
  },
  'Solarized dark': {
    ...{ foreground: '#839496', background: '#002b36', isBoldBright: false },
    ...solarized,
  },
  'Solarized light': {
    ...{ foreground: '#657b83', background: '#fdf6e3', isBoldBright: false },
    ...solarized,
  },
  'VS Code dark': {
    ...{ foreground: '#cccccc', background: '#1e1e1e', isBoldBright: true },
    colors: { red: '#cd3131', green: '#0dbc79', yellow: '#e5e510', cyan: '#11a8cd' },
    bright: { red: '#f14c4c', green: '#23d18b', yellow: '#f5f543', cyan: '#29b8db' },
  },
  'Windows Terminal': {
    ...{ foreground: '#cccccc', background: '#0c0c0c', isBoldBright: true },
    colors: { red: '#c50f1f', green: '#13a10e', yellow: '#c19c00', cyan: '#3a96dd' },
    bright: { red: '#e74856', green: '#16c60c', yellow: '#f9f1a5', cyan: '#61d6d6' },
  },
};

/**
 * Contrast of a cell as WCAG 2 counts it, 1 to 21. Dim is taken for half of the way to the background, as most draw it;
 * inverse changes the sides and not the contrast.
 */
export function contrastIn(palette: Palette, { color, bold, dim }: Cell): number {
  const written = color && (bold && palette.isBoldBright ? palette.bright : palette.colors)[color];
  const [ink, paper] = [channelsOf(written ?? palette.foreground), channelsOf(palette.background)];
  const drawn = dim ? ink.map((value, index) => (value + (paper[index] ?? 0)) / 2) : ink;
  const [light = 0, dark = 0] = [luminance(drawn), luminance(paper)].toSorted((one, other) => other - one);
  return (light + 0.05) / (dark + 0.05);
}

function channelsOf(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255);
}

function luminance(channels: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
