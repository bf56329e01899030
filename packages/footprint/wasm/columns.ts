/**
 * Prints to bars over a dense ladder. The rules are those of `src/internal/columns-engine.ts`, the sums are exact: a bar
 * below 2^40 lots and 2^24 prints fits the packed ladder, anything else is refused and goes through the TypeScript path.
 */
import { areSides, areTimes, narrowTicks, sumDoubleLots, sumLots, widen } from './chunk';
import { carryDelta, carryWideDelta, maxDelta, minDelta, resetDelta } from './delta';
import { highestLane, lowestLane } from './lanes';
import { BARS, BAR_COLUMNS, DONE, DRAIN, GROW, LADDER, LOTS, REFUSE, ROWS, ROW_COLUMNS, SIDES, TICKS, TIMES, WIDE_LOTS } from './layout';
import { valueArea } from './value-area';

/** A slot holds the number of its prints above its lots. */
const COUNT_SHIFT: i64 = 40;
const LOTS_MASK: i64 = (1 << COUNT_SHIFT) - 1;
const ONE_PRINT: i64 = 1 << COUNT_SHIFT;
const MAX_PRINTS: i32 = (1 << 24) - 1;
const MAX_SAFE: i64 = 9007199254740991;

let intervalMs: f64 = 0;
let maxJumpMs: f64 = 0;
let rowTicks: i64 = 1;
let numerator: i64 = 7;
let denominator: i64 = 10;
let maxTotal: i64 = 0;
let step: i32 = 2;

/** The chunk: its prints, the next one, and whether lots stand in 64 bits. */
let rows: i32 = 0;
let at: i32 = 0;
let isWide: bool = false;
let chunkLots: i64 = 0;
let lastTimeMs: f64 = NaN;

/** The open bar; row 0 of the ladder is `base`. */
let startMs: f64 = NaN;
let endMs: f64 = NaN;
let base: i32 = 0;
let ladderRows: i32 = 0;
let prints: i32 = 0;
let open: i32 = 0;
let last: i32 = 0;
let low: i32 = 0;
let high: i32 = 0;
/** No less than the lots of the open bar. */
let boundLots: i64 = 0;

/** What waits for the host. */
let bars: i32 = 0;
let barRows: i32 = 0;
let fetchedRows: i64 = 0;

export function waitingBars(): i32 {
  return bars;
}

export function waitingRows(): i32 {
  return barRows;
}

/** The host has copied what waited. */
export function fetched(): void {
  fetchedRows += barRows;
  bars = 0;
  barRows = 0;
}

/** Starts a tape. `ticksOfRow` and the ratio of the value area are whole numbers, `jumpMs` the longest pause. */
export function start(
  interval: f64,
  ticksOfRow: f64,
  valueNumerator: f64,
  valueDenominator: f64,
  rowsOfStep: i32,
  jumpMs: f64,
): void {
  intervalMs = interval;
  rowTicks = <i64>ticksOfRow;
  numerator = <i64>valueNumerator;
  denominator = <i64>valueDenominator;
  maxTotal = (i64.MAX_VALUE - denominator) / numerator;
  step = rowsOfStep;
  maxJumpMs = jumpMs;
  // A tape that was refused leaves its open bar behind.
  if (prints > 0) clear();
  lastTimeMs = NaN;
  startMs = NaN;
  endMs = NaN;
  prints = 0;
  resetDelta();
  boundLots = 0;
  bars = 0;
  barRows = 0;
  fetchedRows = 0;
  rows = 0;
  at = 0;
  grown();
}

/** The host has made memory larger. */
export function grown(): void {
  const room = <i64>memory.size() * 65536 - <i64>LADDER;
  ladderRows = <i32>min<i64>(room >> 6, ROWS);
}

/** Looks at the chunk that the host wrote, and brings it into the form of {@link run}. */
export function take(count: i32, ticksAreDoubles: bool, lotsAreDoubles: bool): i32 {
  rows = count;
  at = 0;
  if (!areTimes(count, lastTimeMs, maxJumpMs) || !areSides(count)) return REFUSE;
  lastTimeMs = load<f64>(TIMES + ((<usize>(count - 1)) << 3));
  if (ticksAreDoubles && !narrowTicks(count)) return REFUSE;
  chunkLots = lotsAreDoubles ? sumDoubleLots(count) : sumLots(count);
  if (chunkLots < 0) return REFUSE;
  // Of a narrow chunk the sum bounds every bar in it; of a wide one each bar is summed.
  isWide = boundLots + chunkLots >= 1 << 31;
  if (!isWide) boundLots += chunkLots;
  else if (!lotsAreDoubles) widen(count);
  return DONE;
}

/** Bars of the chunk. */
export function run(): i32 {
  while (at < rows) {
    const timeMs = load<f64>(TIMES + ((<usize>at) << 3));
    if (!(timeMs < endMs)) {
      const status = close();
      if (status != DONE) return status;
      startMs = Math.floor(timeMs / intervalMs) * intervalMs + 0;
      endMs = startMs + intervalMs;
    }
    const from = at;
    const to = findEnd(from);
    const status = reach(from, to);
    if (status != DONE) return status;
    if (isWide) {
      const segment = sumOf(from, to);
      boundLots += segment;
      if (boundLots >= ONE_PRINT) return REFUSE;
    }
    if (prints == 0) open = load<i32>(TICKS + ((<usize>from) << 2));
    prints += to - from;
    if (prints > MAX_PRINTS) return REFUSE;
    last = load<i32>(TICKS + ((<usize>(to - 1)) << 2));
    if (isWide) {
      scatter<i64>(from, to);
      carryWideDelta(from, to);
    } else {
      scatter<i32>(from, to);
      carryDelta(from, to);
    }
    at = to;
  }
  return DONE;
}

/** Writes the open bar, if there is one. */
export function close(): i32 {
  if (prints == 0) return DONE;
  const lowestRow = rowOf(low);
  const count = <i32>(rowOf(high) - lowestRow + 1);
  if (bars == BARS || barRows + count > ROWS) return DRAIN;
  if (!writeBar(lowestRow, count)) return REFUSE;
  clear();
  prints = 0;
  resetDelta();
  boundLots = isWide ? 0 : chunkLots;
  return DONE;
}

// ---- one function a phase, each staying in registers ----

/** Index of the first print at or after the end of the bar, searched in growing steps. */
function findEnd(from: i32): i32 {
  let lower = from;
  let stride = 256;
  while (lower + stride < rows && load<f64>(TIMES + ((<usize>(lower + stride)) << 3)) < endMs) {
    lower += stride;
    stride <<= 1;
  }
  let upper = min(rows, lower + stride);
  while (lower < upper) {
    const middle = (lower + upper) >>> 1;
    if (load<f64>(TIMES + ((<usize>middle) << 3)) < endMs) lower = middle + 1;
    else upper = middle;
  }
  return lower;
}

/** Makes the ladder span the open bar and the prints. */
function reach(from: i32, to: i32): i32 {
  const first = load<i32>(TICKS + ((<usize>from) << 2));
  let lowest = i32x4.splat(prints == 0 ? first : low);
  let highest = i32x4.splat(prints == 0 ? first : high);
  let i = from;
  for (; i + 3 < to; i += 4) {
    const ticks = v128.load(TICKS + ((<usize>i) << 2));
    lowest = i32x4.min_s(lowest, ticks);
    highest = i32x4.max_s(highest, ticks);
  }
  for (; i < to; i += 1) {
    const ticks = v128.load32_splat(TICKS + ((<usize>i) << 2));
    lowest = i32x4.min_s(lowest, ticks);
    highest = i32x4.max_s(highest, ticks);
  }
  const down = lowestLane(lowest);
  const up = highestLane(highest);
  const span = <i64>up - <i64>down + 1;
  if (span > <i64>ROWS) return REFUSE;
  if (prints == 0) base = down - ((ladderRows - <i32>min<i64>(span, ladderRows)) >> 1);
  if (span > <i64>ladderRows) return GROW;
  if (<i64>down < <i64>base || <i64>up >= <i64>base + <i64>ladderRows) move(down, <i32>span);
  low = down;
  high = up;
  return DONE;
}

/** Puts the span of the open bar into the middle of the ladder. */
function move(down: i32, span: i32): void {
  const target = down - ((ladderRows - span) >> 1);
  if (prints > 0) {
    const bytes = (<usize>(high - low + 1)) << 6;
    const old = slotOf(low);
    const moved = LADDER + ((<usize>(low - target)) << 6);
    memory.copy(moved, old, bytes);
    // What the copy left behind.
    if (moved > old) memory.fill(old, 0, min(bytes, moved - old));
    else memory.fill(max(moved + bytes, old), 0, min(bytes, old - moved));
  }
  base = target;
}

/** Row of the ladder. */
// @ts-ignore: decorator
@inline
function slotOf(ticks: i32): usize {
  return LADDER + ((<usize>(ticks - base)) << 6);
}

function sumOf(from: i32, to: i32): i64 {
  let sum: i64 = 0;
  for (let i = from; i < to; i += 1) sum += load<i64>(WIDE_LOTS + ((<usize>i) << 3));
  return sum;
}

/**
 * Adds prints to the ladder: 64 bytes a tick, twice { unknown, buy, –, sell }. Neighbours in the tape go to different
 * halves, so that two prints at one price do not wait for each other.
 */
function scatter<T>(from: i32, to: i32): void {
  const zero = LADDER - ((<usize>base) << 6);
  let i = from;
  for (; i + 1 < to; i += 2) {
    add<T>(zero, i);
    add<T>(zero + 32, i + 1);
  }
  if (i < to) add<T>(zero, i);
}

// @ts-ignore: decorator
@inline
function add<T>(zero: usize, i: i32): void {
  const ticks = load<u32>(TICKS + ((<usize>i) << 2));
  const side = load<u8>(SIDES + <usize>i);
  const slot = zero + ((<usize>ticks) << 6) + (((<usize>side) & 3) << 3);
  const lots: i64 =
    sizeof<T>() == 4 ? <i64>load<u32>(LOTS + ((<usize>i) << 2)) : load<i64>(WIDE_LOTS + ((<usize>i) << 3));
  store<i64>(slot, load<i64>(slot) + (lots | ONE_PRINT));
}

// ---- a bar that is over ----

function rowOf(ticks: i32): i64 {
  if (rowTicks == 1) return ticks;
  return <i64>Math.floor(<f64>ticks / <f64>rowTicks);
}

function clear(): void {
  memory.fill(slotOf(low), 0, (<usize>(high - low + 1)) << 6);
}

/** The rows that traded, and the bar; the volume of each row goes into the free slot of the ladder. */
function writeBar(lowestRow: i64, count: i32): bool {
  const first = barRows;
  const lowest = slotOf(low);
  const end = slotOf(high) + 64;
  const ends = <i64>count - 1;
  let total: i64 = 0;
  let buyLots: i64 = 0;
  let sellLots: i64 = 0;
  let value: i64 = 0;
  let poc: i64 = 0;
  let most: i64 = 0;
  let slot = lowest;
  let above: i64 = 0;
  let left = rowTicks == 1 ? 1 : (lowestRow + 1) * rowTicks - <i64>low;
  let out = ROW_COLUMNS + ((<usize>first) << 3);
  for (let row: i64 = 0; row < <i64>count; row += 1) {
    let buys: i64 = 0;
    let sells: i64 = 0;
    let unknowns: i64 = 0;
    for (; left > 0 && slot < end; left -= 1) {
      // No sum of the bar carries into the prints above it.
      const buy = load<i64>(slot, 8) + load<i64>(slot, 40);
      const sell = load<i64>(slot, 24) + load<i64>(slot, 56);
      const unknown = load<i64>(slot) + load<i64>(slot, 32);
      buys += buy;
      sells += sell;
      unknowns += unknown;
      value += above * ((buy + sell + unknown) & LOTS_MASK);
      above += 1;
      slot += 64;
    }
    left = rowTicks;
    const volume = (buys + sells + unknowns) & LOTS_MASK;
    store<i64>(lowest + ((<usize>row) << 6), volume, 16);
    if (volume == 0) continue;
    if (volume >= most && (volume > most || abs<i64>(2 * row - ends) < abs<i64>(2 * poc - ends))) {
      most = volume;
      poc = row;
    }
    total += volume;
    buyLots += buys & LOTS_MASK;
    sellLots += sells & LOTS_MASK;
    store<f64>(out, <f64>((lowestRow + row) * rowTicks));
    store<f64>(out, <f64>(buys & LOTS_MASK), 1 * 8 * ROWS);
    store<f64>(out, <f64>(sells & LOTS_MASK), 2 * 8 * ROWS);
    store<f64>(out, <f64>(unknowns & LOTS_MASK), 3 * 8 * ROWS);
    store<f64>(out, <f64>(<i32>(buys >>> COUNT_SHIFT)), 4 * 8 * ROWS);
    store<f64>(out, <f64>(<i32>(sells >>> COUNT_SHIFT)), 5 * 8 * ROWS);
    store<f64>(out, <f64>(<i32>(unknowns >>> COUNT_SHIFT)), 6 * 8 * ROWS);
    out += 8;
    barRows += 1;
  }
  // The product bounds every partial sum of the value.
  if (total > maxTotal || total * <i64>(high - low + 1) > MAX_SAFE) return false;
  const area = valueArea(lowest, count, <i32>poc, most, (total * numerator + denominator - 1) / denominator, step);

  const bar = BAR_COLUMNS + ((<usize>bars) << 3);
  store<f64>(bar, startMs);
  store<f64>(bar, <f64>open, 1 * 8 * BARS);
  store<f64>(bar, <f64>high, 2 * 8 * BARS);
  store<f64>(bar, <f64>low, 3 * 8 * BARS);
  store<f64>(bar, <f64>last, 4 * 8 * BARS);
  store<f64>(bar, <f64>buyLots, 5 * 8 * BARS);
  store<f64>(bar, <f64>sellLots, 6 * 8 * BARS);
  store<f64>(bar, <f64>(total - buyLots - sellLots), 7 * 8 * BARS);
  store<f64>(bar, <f64>minDelta, 8 * 8 * BARS);
  store<f64>(bar, <f64>maxDelta, 9 * 8 * BARS);
  store<f64>(bar, <f64>value, 10 * 8 * BARS);
  store<f64>(bar, <f64>prints, 11 * 8 * BARS);
  store<f64>(bar, <f64>((lowestRow + poc) * rowTicks), 12 * 8 * BARS);
  store<f64>(bar, <f64>((lowestRow + (area >> 32)) * rowTicks), 13 * 8 * BARS);
  store<f64>(bar, <f64>((lowestRow + (area & 0xffffffff)) * rowTicks), 14 * 8 * BARS);
  store<f64>(bar, 0, 15 * 8 * BARS);
  store<f64>(bar, <f64>(fetchedRows + first), 16 * 8 * BARS);
  bars += 1;
  return true;
}
