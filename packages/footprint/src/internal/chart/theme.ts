/** Colours of the footprint chart. Buying is blue and selling is orange: told apart with every common colour blindness. */

/** Colours as `#rrggbb`, and the font of the figures. */
export interface FootprintTheme {
  /** Behind everything; cells are mixed with it. */
  readonly background: string;
  /** Figures in cells, labels of the axes. */
  readonly text: string;
  /** Figures of nothing, the × between the figures. */
  readonly mutedText: string;
  /** Lines of the chart's grid and between panes. */
  readonly gridLine: string;
  /** Rising bodies, buy imbalances and zones, positive delta. */
  readonly buy: string;
  /** Falling bodies, sell imbalances and zones, negative delta. */
  readonly sell: string;
  /** Figures on `buy` and `sell`. */
  readonly textOnMark: string;
  /** A cell with the most buy volume; with less it fades into the background. */
  readonly buyCell: string;
  /** A cell with the most sell volume. */
  readonly sellCell: string;
  /** A cell with the most volume of unknown aggressor. */
  readonly unknownCell: string;
  /** Outline of the point of control. */
  readonly poc: string;
  /** Lines at the ends of the value area. */
  readonly valueArea: string;
  /** Line of the cumulative delta. */
  readonly cvd: string;
  /** CSS font family of figures; digits should be of one width. */
  readonly fontFamily: string;
}

const fontFamily = "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** For light pages. Figures have a contrast of at least 4.5 to 1 on every cell. */
export const lightTheme: FootprintTheme = Object.freeze({
  background: '#ffffff',
  text: '#111c2b',
  mutedText: '#4d5d70',
  gridLine: '#e6ebf1',
  buy: '#0a5fb4',
  sell: '#b04500',
  textOnMark: '#ffffff',
  buyCell: '#8fc3f8',
  sellCell: '#ffbc8b',
  unknownCell: '#c2cad4',
  poc: '#111c2b',
  valueArea: '#4d5d70',
  cvd: '#4d5d70',
  fontFamily,
});

/** For dark pages. Figures have a contrast of at least 4.5 to 1 on every cell. */
export const darkTheme: FootprintTheme = Object.freeze({
  background: '#0f151e',
  text: '#f3f6fb',
  mutedText: '#a0b0c3',
  gridLine: '#1b2634',
  buy: '#5cb1ff',
  sell: '#ff9c52',
  textOnMark: '#0b1017',
  buyCell: '#1560b4',
  sellCell: '#a04a0b',
  unknownCell: '#566478',
  poc: '#ffe08a',
  valueArea: '#a0b0c3',
  cvd: '#c3cfdd',
  fontFamily,
});

const fields = Object.keys(lightTheme) as readonly (keyof FootprintTheme)[];

/** Whether all colours and the font are the same. */
export function isSameTheme(one: FootprintTheme, other: FootprintTheme): boolean {
  for (const field of fields) if (one[field] !== other[field]) return false;
  return true;
}

/** Steps of intensity that a cell may have; step 0 is a cell without volume. */
export const shadeSteps = 12;

/** Which step a volume has: by the root of its share, so that small volumes still differ from none. */
export function shadeStep(volume: number, most: number): number {
  if (!(volume > 0)) return 0;
  return Math.min(shadeSteps - 1, 1 + Math.floor(Math.sqrt(volume / most) * (shadeSteps - 1)));
}

/** The colours of the steps, from nearly the background to the full colour. */
export function shades(background: string, full: string): string[] {
  return Array.from({ length: shadeSteps }, (_, step) =>
    mix(background, full, step === 0 ? 0.06 : 0.1 + (0.9 * step) / (shadeSteps - 1)),
  );
}

/** `share` of the second colour over the first. */
export function mix(under: string, over: string, share: number): string {
  const [from, to] = [channels(under), channels(over)];
  const mixed = from.map((value, i) => Math.round(value + (to[i]! - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** `#rrggbb` with an alpha from 0 to 1. */
export function withAlpha(colour: string, alpha: number): string {
  return `rgba(${channels(colour).join(', ')}, ${alpha})`;
}

/** Red, green and blue of `#rrggbb`; black for what is no such colour. */
function channels(colour: string): number[] {
  const [, digits = '000000'] = /^#([\da-f]{6})$/i.exec(colour) ?? [];
  return [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
}
