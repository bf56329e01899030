/** The colours of a theme in the order in which they are painted over each other. */
import { mix, shades, shadeSteps, withAlpha, type FootprintTheme } from './theme.ts';

/** Index of a colour; those of shades are the index of step 0. */
export const colour = {
  buyZone: 0,
  sellZone: 1,
  sellShade: 2,
  buyShade: 2 + shadeSteps,
  unknownShade: 2 + 2 * shadeSteps,
  sellBar: 2 + 3 * shadeSteps,
  buyBar: 3 + 3 * shadeSteps,
  unknownBar: 4 + 3 * shadeSteps,
  /** The same outside the value area: three more, in this order. */
  outside: 3,
  buyMark: 8 + 3 * shadeSteps,
  sellMark: 9 + 3 * shadeSteps,
  flat: 10 + 3 * shadeSteps,
  hollow: 11 + 3 * shadeSteps,
  valueArea: 12 + 3 * shadeSteps,
  poc: 13 + 3 * shadeSteps,
  end: 14 + 3 * shadeSteps,
} as const;

/** Colours by index. */
export function paletteOf(theme: FootprintTheme): readonly string[] {
  const { background, buy, sell, buyCell, sellCell, unknownCell } = theme;
  const bars = [sellCell, buyCell, unknownCell].map((cell) => mix(background, cell, 0.95));
  return [
    withAlpha(buy, 0.16),
    withAlpha(sell, 0.16),
    ...shades(background, sellCell),
    ...shades(background, buyCell),
    ...shades(background, unknownCell),
    ...bars,
    ...bars.map((bar) => mix(background, bar, 0.5)),
    buy,
    sell,
    theme.mutedText,
    background,
    theme.valueArea,
    theme.poc,
  ];
}
