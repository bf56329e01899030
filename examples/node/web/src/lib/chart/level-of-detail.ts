/** What fits: how much of a footprint bar can be read at the present zoom. */

/** `candles`: body and wick; `profile`: a histogram per row; `cells`: the figures. */
export type Detail = 'candles' | 'profile' | 'cells';

/** Narrowest bar, in CSS pixels, that gets a profile, and the narrowest that gets figures. */
export const detailWidthsPx = { profile: 18, cells: 58 } as const;

/** What a bar of this width shows. */
export function detailFor(barSpacingPx: number): Detail {
  return barSpacingPx >= detailWidthsPx.cells
    ? 'cells'
    : barSpacingPx >= detailWidthsPx.profile
      ? 'profile'
      : 'candles';
}

/**
 * How many footprint rows to draw as one so that each is at least `minRowPx` high: 1, 2, 5, 10, 20, 50 … The merged rows
 * are whole multiples, so that they line up from bar to bar.
 */
export function mergeFactor(rowPx: number, minRowPx: number): number {
  if (!(rowPx > 0)) return 1;
  for (let decade = 1; decade < 1e9; decade *= 10) {
    for (const step of [1, 2, 5]) if (rowPx * step * decade >= minRowPx) return step * decade;
  }
  return 1e9;
}
