import { describe, expect, test } from 'vitest';
import { darkTheme, lightTheme, mix, shades, shadeStep, shadeSteps, withAlpha } from './theme.ts';

/** Red, green and blue as light, from 0 to 1. */
const linear = (colour: string): number[] =>
  [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });

/** WCAG 2 contrast. */
function contrast(a: string, b: string): number {
  const [one, other] = [a, b].map((colour) => {
    const [r, g, blue] = linear(colour);
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * blue! + 0.05;
  });
  return Math.max(one!, other!) / Math.min(one!, other!);
}

/** What is left of a colour with a blindness to red or to green, after Viénot, Brettel and Mollon (1999). */
const blindness = {
  protan: [0.11238, 0.88762, 0.11238, 0.88762, 0.00401, -0.00401],
  deutan: [0.29275, 0.70725, 0.29275, 0.70725, -0.02234, 0.02234],
};

function seenWith([rr, rg, gr, gg, br, bg]: number[], colour: string): number[] {
  const [r, g, b] = linear(colour);
  return [rr! * r! + rg! * g!, gr! * r! + gg! * g!, br! * r! + bg! * g! + b!];
}

describe.each([
  ['light', lightTheme],
  ['dark', darkTheme],
])('the %s theme', (_, theme) => {
  test('has a contrast of at least 4.5 for figures on every cell and every mark', () => {
    for (const cell of [theme.sellCell, theme.buyCell, theme.unknownCell]) {
      for (const shade of shades(theme.background, cell)) expect(contrast(theme.text, shade)).toBeGreaterThan(4.5);
    }
    for (const mark of [theme.buy, theme.sell]) expect(contrast(theme.textOnMark, mark)).toBeGreaterThan(4.5);
    expect(contrast(theme.mutedText, theme.background)).toBeGreaterThan(4.5);
  });

  test.each(['protan', 'deutan'] as const)('keeps buying and selling apart with %s blindness', (kind) => {
    for (const [one, other] of [
      [theme.buy, theme.sell],
      [theme.buyCell, theme.sellCell],
    ] as const) {
      const [a, b] = [seenWith(blindness[kind], one), seenWith(blindness[kind], other)];
      // Red against green of the same lightness is at 0.02 here.
      expect(Math.hypot(...a.map((value, i) => value - b[i]!))).toBeGreaterThan(0.25);
    }
  });

  test('is frozen', () => {
    expect(Object.isFrozen(theme)).toBe(true);
  });
});

describe('shades', () => {
  test('grow with the root of the volume, and only nothing has step 0', () => {
    expect([0, 1, 25, 100].map((volume) => shadeStep(volume, 100))).toEqual([0, 2, 6, shadeSteps - 1]);
    expect(shadeStep(1, 1e9)).toBe(1);
  });

  test('end in the full colour', () => {
    expect(shades('#ffffff', '#123456').at(-1)).toBe('#123456');
    expect(mix('#000000', '#ffffff', 0.5)).toBe('#808080');
    expect(withAlpha('#0a5fb4', 0.16)).toBe('rgba(10, 95, 180, 0.16)');
  });
});
