/** Where things stand in linear memory, and what a call answers. The host reads these as exported globals. */

/** Prints of one chunk. */
export const CHUNK: i32 = 8192;
/** Bars that wait for the host. */
export const BARS: i32 = 1 << 14;
/** Rows that wait for the host; also the most ticks of one bar, so that a bar always fits. */
export const ROWS: i32 = 1 << 18;
/** Bytes of JSON lines that are taken at once. */
export const TEXT_BYTES: i32 = 1 << 17;
/** Trades that are read from lines before the host must fetch them. */
export const LINES: i32 = 1 << 13;
/** Bytes of a learned shape. */
export const SHAPE_BYTES: i32 = 1 << 14;

/** A chunk, or both a chunk's prints and lines, are done. */
export const DONE: i32 = 0;
/** Bars, rows or trades must be fetched before the call is repeated. */
export const DRAIN: i32 = 1;
/** The ladder must grow before the call is repeated. */
export const GROW: i32 = 2;
/** This tape is for the TypeScript path. */
export const REFUSE: i32 = 3;
/** The line at the place that `textAt` tells has another shape. */
export const OTHER: i32 = 4;

/** Vectors are loaded beyond the last element. */
const PAD: usize = 64;

export const TIMES: usize = 1024;
export const TICKS: usize = TIMES + 8 * CHUNK + PAD;
export const LOTS: usize = TICKS + 4 * CHUNK + PAD;
export const SIDES: usize = LOTS + 4 * CHUNK + PAD;
/** Ticks and lots as doubles, where the host has no 32-bit columns. */
export const DOUBLE_TICKS: usize = SIDES + CHUNK + PAD;
export const DOUBLE_LOTS: usize = DOUBLE_TICKS + 8 * CHUNK + PAD;
/** Lots in 64 bits, where their sum leaves 31. */
export const WIDE_LOTS: usize = DOUBLE_LOTS + 8 * CHUNK + PAD;

/** The shape of lines, and the text. */
export const SHAPE: usize = WIDE_LOTS + 8 * CHUNK + PAD;
export const TEXT: usize = SHAPE + SHAPE_BYTES + PAD;
/** Trades of lines: time, ticks, lots as doubles; sides as bytes. */
export const LINE_TIMES: usize = TEXT + TEXT_BYTES + PAD;
export const LINE_TICKS: usize = LINE_TIMES + 8 * LINES;
export const LINE_LOTS: usize = LINE_TICKS + 8 * LINES;
export const LINE_SIDES: usize = LINE_LOTS + 8 * LINES;

/** Where the digits of a decimal go, by its length and the length before its point; for prices and for sizes. */
export const PRICE_LANES: usize = (LINE_SIDES + LINES + 63) & ~63;
export const SIZE_LANES: usize = PRICE_LANES + 4096;
/** Where those of a whole number go: 16 lanes from the one of its length on. */
export const LANES: usize = SIZE_LANES + 4096;

/** Columns of doubles behind each other, in the order of the host's `barColumns` and `rowColumns`. */
export const BAR_COLUMNS: usize = LANES + 64;
export const ROW_COLUMNS: usize = BAR_COLUMNS + 17 * 8 * BARS;
/** 64 bytes a tick, to the end of memory. */
export const LADDER: usize = ROW_COLUMNS + 7 * 8 * ROWS;
