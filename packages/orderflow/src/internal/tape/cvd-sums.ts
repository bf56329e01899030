import { addExact, exactFromJson, exactToJson, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { Shape } from '../shared/shapes.ts';
import type { Aggressor } from '../../market.ts';
import { count, exactCount } from '../shared/shapes.ts';

/** Volume of one window by aggressor, in lots. `buyLots + sellLots + unknownLots` is all volume. */
export interface CvdTotals {
  /** Inclusive start of the window, epoch milliseconds UTC; absent with `reset: 'never'` and before the first trade. */
  readonly windowStartMs?: number;
  /** Bought − sold. */
  readonly cvdLots: ExactInt;
  /** Volume that lifted the ask. */
  readonly buyLots: ExactInt;
  /** Volume that hit the bid. */
  readonly sellLots: ExactInt;
  /** Volume whose aggressor is unknown; no part of the delta. */
  readonly unknownLots: ExactInt;
  /** Number of prints. */
  readonly trades: number;
}

/** {@link CvdTotals} without the delta, as plain JSON. */
export interface CvdSumsJson {
  readonly buyLots: ExactIntJson;
  readonly sellLots: ExactIntJson;
  readonly unknownLots: ExactIntJson;
  readonly trades: number;
}

/** Running sums of one window and one bucket. */
export interface CvdSums {
  add(side: Aggressor, sizeLots: number): void;
  clear(): void;
  readonly cvdLots: ExactInt;
  totals(windowStartMs: number | undefined): CvdTotals;
  toJson(): CvdSumsJson;
}

export function createCvdSums(from: CvdSumsJson | undefined): CvdSums {
  let buy = exactFromJson(from?.buyLots ?? 0);
  let sell = exactFromJson(from?.sellLots ?? 0);
  let unknown = exactFromJson(from?.unknownLots ?? 0);
  let trades = from?.trades ?? 0;
  return {
    add(side, sizeLots) {
      trades += 1;
      if (side === 'buy') buy = addExact(buy, sizeLots);
      else if (side === 'sell') sell = addExact(sell, sizeLots);
      else unknown = addExact(unknown, sizeLots);
    },
    clear() {
      buy = sell = unknown = trades = 0;
    },
    get cvdLots() {
      return subtractExact(buy, sell);
    },
    totals: (windowStartMs) => ({
      ...(windowStartMs === undefined ? {} : { windowStartMs }),
      cvdLots: subtractExact(buy, sell),
      buyLots: buy,
      sellLots: sell,
      unknownLots: unknown,
      trades,
    }),
    toJson: () => ({
      buyLots: exactToJson(buy),
      sellLots: exactToJson(sell),
      unknownLots: exactToJson(unknown),
      trades,
    }),
  };
}

/** The fields of stored sums. */
export const cvdSumsFields: Readonly<Record<keyof CvdSumsJson, Shape>> = {
  buyLots: exactCount,
  sellLots: exactCount,
  unknownLots: exactCount,
  trades: count,
};
