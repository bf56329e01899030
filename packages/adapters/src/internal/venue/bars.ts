/** Bars of the venues: checked, and closed where the venue does not say when. */
import type { SourceBar } from '../../market-source.ts';
import type { FrameSink } from '../../venue-feed.ts';
import { aDecimal, RecordError } from './fields.ts';

/** What a bar has besides its prices. */
export interface BarHead {
  readonly symbol: string;
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  readonly intervalMs: number;
  readonly final: boolean;
}

/** The five numbers of a bar as the venue sent them. */
export interface RawBar {
  readonly open: unknown;
  readonly high: unknown;
  readonly low: unknown;
  readonly close: unknown;
  readonly volume: unknown;
}

/** @throws `RecordError` also for a bar whose low lies above its high. */
export function readBar({ symbol, startMs, intervalMs, final }: BarHead, raw: RawBar): SourceBar {
  const high = aDecimal(raw.high, 'high');
  const low = aDecimal(raw.low, 'low');
  if (Number(low) > Number(high)) throw new RecordError('low', raw.low, `at most the high, which is ${high}`);
  return {
    type: 'bar',
    symbol,
    startMs,
    endMs: startMs + intervalMs,
    open: aDecimal(raw.open, 'open'),
    high,
    low,
    close: aDecimal(raw.close, 'close'),
    volume: aDecimal(raw.volume, 'volume'),
    final,
  };
}

export interface BarCloser {
  /** Delivers the bar as open, and before it the one that it closes, once more and final. */
  push(bar: SourceBar, sink: FrameSink): void;
}

export function createBarCloser(): BarCloser {
  const open = new Map<string, SourceBar>();
  return {
    push(bar, sink) {
      const before = open.get(bar.symbol);
      if (before && bar.startMs > before.startMs) sink.event({ ...before, final: true });
      // A bar that is older than the open one was closed before; it comes again after the venue corrected it.
      if (before && bar.startMs < before.startMs) {
        sink.event({ ...bar, final: true });
        return;
      }
      open.set(bar.symbol, bar);
      sink.event(bar);
    },
  };
}
