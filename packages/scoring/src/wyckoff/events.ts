/** Which schematic: accumulation after a decline, or distribution after an advance. */
export type WyckoffSide = 'accumulation' | 'distribution';

/**
 * A: the trend is stopped. B: a cause is built. C: the last test (spring, upthrust). D: the range is left in the new
 * direction. E: the new trend.
 */
export type WyckoffPhase = 'A' | 'B' | 'C' | 'D' | 'E';

/**
 * Events of the two schematics:
 *
 * | accumulation | distribution | |
 * |---|---|---|
 * | `PS` | `PSY` | preliminary support, supply: first effort against the trend |
 * | `SC` | `BC` | selling, buying climax |
 * | `AR` | `AR` | automatic rally, reaction: fixes the range |
 * | `ST` | `ST` | secondary test of the climax on less volume |
 * | `Spring` | `UTAD` | move out of the range that is taken back |
 * | `Test` | `Test` | first test of the spring or upthrust on less volume |
 * | `SOS` | `SOW` | sign of strength, weakness: close out of the range on volume |
 * | `LPS` | `LPSY` | last point of support, supply: pullback that holds |
 * | `End` | `End` | the range is over; `reason` says how |
 */
export type WyckoffKind =
  'AR' | 'BC' | 'End' | 'LPS' | 'LPSY' | 'PS' | 'PSY' | 'SC' | 'SOS' | 'SOW' | 'ST' | 'Spring' | 'Test' | 'UTAD';

/** Why a range is over. */
export type WyckoffEnd =
  /** Closed beyond the climax for too long. */
  | 'broken'
  /** Left on the right side before a cause was built. */
  | 'no-cause'
  /** Left on the right side without the volume of a sign of strength. */
  | 'no-effort'
  /** No automatic rally ended in time. */
  | 'no-range'
  /** Fell back to the middle of the range after a sign of strength. */
  | 'fell-back'
  /** The new trend of phase E closed through its mean. */
  | 'trend-ended'
  /** Nothing resolved it in time. */
  | 'too-old';

/** Something that happened, and since when it is known. */
export interface WyckoffEvent {
  readonly side: WyckoffSide;
  readonly kind: WyckoffKind;
  /** Bar that it happened at, counted from 0. */
  readonly eventAt: number;
  /** Bar whose close made it known; never before `eventAt`, and nothing later changes it. */
  readonly confirmedAt: number;
  /** Extreme of the event's bar: its low for `PS`, `SC`, `ST`, `Spring`, `Test`, `LPS`, its high for `AR`, its close for `SOS` (mirrored), the confirming close for `End`. */
  readonly price: number;
  /** Volume of the event's bar. */
  readonly volume: number;
  /** Phase that the schematic is in after it; `undefined` for `End`. */
  readonly phase: WyckoffPhase | undefined;
  /** Only of `End`. */
  readonly reason?: WyckoffEnd;
}

/** Names of the mirrored events. */
const mirrored: Partial<Record<WyckoffKind, WyckoffKind>> = {
  PS: 'PSY',
  SC: 'BC',
  Spring: 'UTAD',
  SOS: 'SOW',
  LPS: 'LPSY',
};

/** The name of an accumulation's event on a side. */
export function kindOn(side: WyckoffSide, kind: WyckoffKind): WyckoffKind {
  return side === 'accumulation' ? kind : (mirrored[kind] ?? kind);
}
