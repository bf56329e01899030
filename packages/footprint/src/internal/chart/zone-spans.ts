/** How far the zones of stacked imbalances reach: from their bar to the first later bar that trades in them. */
import type { ImbalanceZone } from '../../imbalances.ts';
import type { FootprintLadder } from './footprint-item.ts';

/** A zone on the time axis. */
export interface ZoneSpan {
  readonly zone: ImbalanceZone;
  /** Edges, in ticks. */
  readonly lowEdge: number;
  readonly highEdge: number;
  /** Index of the zone's bar. */
  readonly from: number;
  /** Index of the first bar that trades in it; infinite while none did. */
  to: number;
}

/** Keeps the spans of a growing list of ladders; what did not change is not looked at again. */
export function createZoneSpans(): (ladders: readonly FootprintLadder[]) => readonly ZoneSpan[] {
  let known: readonly FootprintLadder[] = [];
  let spans: ZoneSpan[] = [];
  return (ladders) => {
    let same = 0;
    while (same < known.length && same < ladders.length && known[same] === ladders[same]) same += 1;
    if (same === known.length && same === ladders.length) return spans;
    spans = spans.filter((span) => span.from < same);
    for (const span of spans) if (span.to >= same) span.to = Infinity;
    const open = new Set(spans.filter((span) => span.to === Infinity));
    for (let i = same; i < ladders.length; i += 1) {
      const { bar, zones, offsetTicks, rowTicks } = ladders[i]!;
      if (bar.rows.length === 0) continue;
      for (const span of open) {
        if (bar.lowTicks >= span.highEdge || bar.highTicks <= span.lowEdge) continue;
        span.to = i;
        open.delete(span);
      }
      for (const zone of zones) {
        const lowEdge = zone.lowTicks + offsetTicks;
        const span = { zone, lowEdge, highEdge: zone.highTicks + offsetTicks + rowTicks, from: i, to: Infinity };
        spans.push(span);
        open.add(span);
      }
    }
    known = [...ladders];
    return spans;
  };
}
