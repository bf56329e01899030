/** What a symbol scorer keeps of the bars: one small stream for each family of components that its rule set names. */
import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { flowFromBars, flowInputDefaults } from '../flow-input.ts';
import { isUsable } from '../internal/checks.ts';
import { excerpt } from '../internal/excerpt.ts';
import type { ScorePreset } from '../presets.ts';
import type { NumericBar } from '../tape.ts';
import type { TechnicalRatingSnapshot } from '../technical-rating.ts';
import { createTechnicalRating, restoreTechnicalRating } from '../technical-rating.ts';
import { scoreTechnicalRating } from '../technicals.ts';
import type { PointBar } from '../technicals/points.ts';
import { scorePoints } from '../technicals/points.ts';
import type { TechnicalsSnapshot } from '../technicals/stream.ts';
import { createTechnicals, restoreTechnicals } from '../technicals/stream.ts';
import type { WyckoffReading, WyckoffSnapshot } from '../wyckoff.ts';
import { createWyckoff, restoreWyckoff, scoreWyckoff } from '../wyckoff.ts';
import { scoreOrderFlow } from '../order-flow.ts';

/** A stream of components. */
export interface Feed {
  push(bar: NumericBar): void;
  replaceLast(bar: NumericBar): void;
  components(): ComponentScore[];
  snapshot(): unknown;
}

/** The bars that a snapshot is of. */
export interface BarsTaken {
  readonly count: number;
  readonly last: NumericBar | undefined;
}

interface FeedKind {
  /** Components that it makes. */
  readonly names: readonly string[];
  /** Carries on from a snapshot after so many bars, or starts. */
  create(saved: unknown, bars: BarsTaken, preset: ScorePreset): Feed;
}

/** Bars that point rules look back over: about 200 calendar days. */
const pointWindow = 135;

/** Order flow that is guessed from bars covers half of what measured order flow would. */
const standInCoverage = 0.5;

const kinds: Readonly<Record<string, FeedKind>> = {
  measures: {
    names: ['momentum', 'trend', 'volatility-position'],
    create(saved, { count }) {
      const stream = saved === undefined ? createTechnicals() : restoreTechnicals(saved as TechnicalsSnapshot, count);
      return {
        push: (bar) => stream.push(bar.close),
        replaceLast: (bar) => stream.replaceLast(bar.close),
        components: () => stream.components(),
        snapshot: () => stream.snapshot(),
      };
    },
  },
  points: {
    names: ['ema', 'fibonacci', 'volume', 'momentum'],
    create(saved, { count }, preset) {
      const bars = saved === undefined ? [] : readBars(saved, Math.min(count, pointWindow));
      return {
        push(bar) {
          bars.push(pointBarOf(bar));
          if (bars.length > pointWindow) bars.shift();
        },
        replaceLast(bar) {
          bars[bars.length - 1] = pointBarOf(bar);
        },
        components: () => scorePoints(bars, preset.points),
        snapshot: () => bars.map((bar) => ({ ...bar })),
      };
    },
  },
  flow: {
    names: ['order-flow'],
    create(saved, { count }) {
      const bars = saved === undefined ? [] : readBars(saved, Math.min(count, flowInputDefaults.window));
      return {
        push(bar) {
          bars.push(pointBarOf(bar));
          if (bars.length > flowInputDefaults.window) bars.shift();
        },
        replaceLast(bar) {
          bars[bars.length - 1] = pointBarOf(bar);
        },
        components() {
          const flow = flowFromBars(bars);
          if (!flow) return [missingComponent('order-flow', 'no order flow was given, and nothing traded')];
          const component = scoreOrderFlow(flow);
          const reasons = ['from the shape of the bars, in place of order flow', ...component.reasons];
          return [{ ...component, reasons, coverage: standInCoverage * (component.coverage ?? 0) }];
        },
        snapshot: () => bars.map((bar) => ({ ...bar })),
      };
    },
  },
  rating: {
    names: ['technical-rating'],
    create(saved, { last }) {
      const stream =
        saved === undefined ? createTechnicalRating() : restoreTechnicalRating(saved as TechnicalRatingSnapshot);
      let rating = saved !== undefined && last ? stream.replaceLast(last) : undefined;
      return {
        push: (bar) => void (rating = stream.push(bar)),
        replaceLast: (bar) => void (rating = stream.replaceLast(bar)),
        components: () => [scoreTechnicalRating(rating)],
        snapshot: () => stream.snapshot(),
      };
    },
  },
  wyckoff: {
    names: ['wyckoff'],
    create(saved, { last }) {
      const stream = saved === undefined ? createWyckoff() : restoreWyckoff(saved as WyckoffSnapshot);
      let reading: WyckoffReading | undefined = saved !== undefined && last ? stream.replaceLast(last) : undefined;
      return {
        push: (bar) => void (reading = stream.push(bar)),
        replaceLast: (bar) => void (reading = stream.replaceLast(bar)),
        components: () => [scoreWyckoff(reading)],
        snapshot: () => stream.snapshot(),
      };
    },
  },
};

/** Names that bars can make a component of. */
export const feedNames: ReadonlySet<string> = new Set(Object.values(kinds).flatMap(({ names }) => names));

/** The feeds that a preset needs, by name, started afresh or from what was saved. */
export function createFeeds(
  preset: ScorePreset,
  wanted: ReadonlySet<string>,
  saved: Readonly<Record<string, unknown>> | undefined,
  bars: BarsTaken,
): Map<string, Feed> {
  const feeds = new Map<string, Feed>();
  for (const [name, kind] of Object.entries(kinds)) {
    const makes = kind.names.filter((made) => wanted.has(made));
    const replaced = name === 'measures' && preset.points ? makes.filter((made) => made !== 'momentum') : makes;
    if (replaced.length === 0 || (name === 'points' && !preset.points)) continue;
    if (saved && (typeof saved[name] !== 'object' || saved[name] === null)) {
      throw new ScoringError(
        'bad-snapshot',
        `snapshot has no "${name}", which "${preset.id}" needs. Restore with the preset that it was made with.`,
        saved,
      );
    }
    feeds.set(name, kind.create(saved?.[name], bars, preset));
  }
  return feeds;
}

function pointBarOf({ high, low, close, volume }: NumericBar): PointBar {
  return { high, low, close, volume };
}

function readBars(saved: unknown, due: number): PointBar[] {
  const list: readonly unknown[] = Array.isArray(saved) ? Array.from(saved as unknown[]) : [undefined];
  if (list.length !== due || !list.every(isBar)) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot has "${excerpt(saved)}" as its bars. Pass the snapshot as it was taken.`,
      saved,
    );
  }
  return (list as PointBar[]).map((bar) => ({ ...bar }));
}

function isBar(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { high, low, close, volume } = value as PointBar;
  const numbers = [high, low, close, volume].every((one) => typeof one === 'number' && isUsable(one));
  return numbers && low <= close && close <= high && volume >= 0;
}
