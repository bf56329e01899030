// What is worth more than JavaScript: hashing lines, and the inner loop of inflate.
export * from './inflate';

// SHA-256 of many short lines, four at a time: one lane of a vector each, added up word by word. The order of the lines
// does not matter to a sum, so lines that take the same number of blocks wait for each other.

/** Where the caller puts its bytes. */
const inputBytes: i32 = 262_144;
const input: usize = memory.data(inputBytes, 16);
/** Σ of each of the eight words, in two halves. */
const sums: usize = memory.data(128, 16);
const lanesCounted: usize = memory.data<u32>([-1, -1, -1, -1, 0, 0, 0]);
/** The last one or two blocks of each lane, with the padding. */
const tails: usize = memory.data(512, 16);
/** From a place in the first 64 bytes on: what is the line's, and the bit behind it. */
const kept: usize = memory.data<u32>([
  -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const marks: usize = memory.data<u32>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const schedule: usize = memory.data(256, 16);
const state: usize = memory.data(128, 16);
/** Lines of up to this many blocks wait for their like; the caller hashes longer ones faster than one lane does. */
const classes: i32 = 16;
/** (start, length) of every longer line: at most one a KiB of input. */
const skipped: usize = memory.data(2_304, 16);
let skippedLines: i32 = 0;
/** Four (start, length) for each number of blocks, and how many of them are taken. */
const waiting: usize = memory.data(512, 16);
const counts: usize = memory.data(64, 16);


const k: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
  0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
  0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
  0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);

export function inputAt(): usize {
  return input;
}

export function sumsAt(): usize {
  return sums;
}

export function skippedAt(): usize {
  return skipped;
}

/** Longer lines that the last call left to the caller. */
export function skippedCount(): i32 {
  return skippedLines;
}

/**
 * Adds every non-empty line of the first `length` bytes of the input, which end with a newline, to sums that begin at
 * zero; returns how many lines there were, with those that it skipped.
 */
export function addLines(length: i32): i32 {
  skippedLines = 0;
  memory.fill(sums, 0, 128);
  const end = input + length;
  let start = input;
  let count = 0;
  while (start < end) {
    const stop = newlineFrom(start);
    const bytes = <i32>(stop - start);
    if (bytes > 0) {
      count++;
      const blocks = (bytes + 72) >> 6;
      if (blocks > classes) {
        place(skipped, skippedLines++, start, bytes);
      } else {
        const at = waiting + ((blocks - 1) << 5);
        const taken = load<i32>(counts + ((blocks - 1) << 2));
        place(at, taken, start, bytes);
        store<i32>(counts + ((blocks - 1) << 2), (taken + 1) & 3);
        if (taken == 3) hashFour(at, blocks, 4);
      }
    }
    start = stop + 1;
  }
  for (let blocks = 1; blocks <= classes; blocks++) {
    const taken = load<i32>(counts + ((blocks - 1) << 2));
    if (taken == 0) continue;
    const at = waiting + ((blocks - 1) << 5);
    for (let lane = taken; lane < 4; lane++) place(at, lane, load<i32>(at), load<i32>(at, 4));
    hashFour(at, blocks, taken);
    store<i32>(counts + ((blocks - 1) << 2), 0);
  }
  return count;
}

// @ts-ignore: decorator
@inline
function place(at: usize, lane: i32, start: usize, bytes: i32): void {
  store<usize>(at + (lane << 3), start);
  store<i32>(at + (lane << 3), bytes, 4);
}

/** The next newline; there is one. Sixteen bytes a step. */
function newlineFrom(start: usize): usize {
  const newline = i8x16.splat(10);
  let at = start;
  let found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
  while (found == 0) {
    at += 16;
    found = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
  }
  return at + ctz(found);
}

/**
 * Writes the padded last blocks of a line; returns how many whole blocks are before them. Sixteen bytes at a time, each
 * written once: what is loaded as it was stored is there at once.
 */
function pad(lane: i32, start: usize, bytes: i32, blocks: i32): i32 {
  const whole = bytes >> 6;
  const tail = tails + (lane << 7);
  const from = start + (whole << 6);
  const slide = 64 - (bytes & 63);
  const keep = kept + slide;
  const mark = marks + slide;
  // Lengths of more than 2^29 bytes do not fit into the input.
  const length = i32x4.replace_lane(i32x4.splat(0), 3, bswap<u32>(<u32>bytes << 3));
  v128.store(tail, v128.or(v128.and(v128.load(from), v128.load(keep)), v128.load(mark)));
  v128.store(tail, v128.or(v128.and(v128.load(from, 16), v128.load(keep, 16)), v128.load(mark, 16)), 16);
  v128.store(tail, v128.or(v128.and(v128.load(from, 32), v128.load(keep, 32)), v128.load(mark, 32)), 32);
  const last = v128.or(v128.and(v128.load(from, 48), v128.load(keep, 48)), v128.load(mark, 48));
  if (blocks - whole == 1) v128.store(tail, v128.or(last, length), 48);
  else {
    const zero = i32x4.splat(0);
    v128.store(tail, last, 48);
    v128.store(tail, zero, 64);
    v128.store(tail, zero, 80);
    v128.store(tail, zero, 96);
    v128.store(tail, length, 112);
  }
  return whole;
}

// @ts-ignore: decorator
@inline
function blockOf(lane: i32, start: usize, whole: i32, block: i32): usize {
  return block < whole ? start + (block << 6) : tails + (lane << 7) + ((block - whole) << 6);
}

// @ts-ignore: decorator
@inline
function swapped(at: usize): v128 {
  const bytes = v128.load(at);
  return i8x16.shuffle(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/** Four words of each of the four lanes, turned into four vectors of one word each. */
// @ts-ignore: decorator
@inline
function loadWords(to: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = swapped(p0);
  const b = swapped(p1);
  const c = swapped(p2);
  const d = swapped(p3);
  const ab0 = i32x4.shuffle(a, b, 0, 4, 1, 5);
  const ab1 = i32x4.shuffle(a, b, 2, 6, 3, 7);
  const cd0 = i32x4.shuffle(c, d, 0, 4, 1, 5);
  const cd1 = i32x4.shuffle(c, d, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(ab0, cd0, 0, 2));
  v128.store(to, i64x2.shuffle(ab0, cd0, 1, 3), 16);
  v128.store(to, i64x2.shuffle(ab1, cd1, 0, 2), 32);
  v128.store(to, i64x2.shuffle(ab1, cd1, 1, 3), 48);
}

// @ts-ignore: decorator
@inline
function rotated(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by));
}

// @ts-ignore: decorator
@inline
function initial(index: i32, value: u32): void {
  v128.store(state + (index << 4), i32x4.splat(value));
}

/** Hashes four lines of the same number of blocks, and adds the first `lanes` of them to the sums. */
function hashFour(at: usize, blocks: i32, lanes: i32): void {
  const s0 = load<usize>(at);
  const s1 = load<usize>(at, 8);
  const s2 = load<usize>(at, 16);
  const s3 = load<usize>(at, 24);
  const w0 = pad(0, s0, load<i32>(at, 4), blocks);
  const w1 = pad(1, s1, load<i32>(at, 12), blocks);
  const w2 = pad(2, s2, load<i32>(at, 20), blocks);
  const w3 = pad(3, s3, load<i32>(at, 28), blocks);
  initial(0, 0x6a09e667);
  initial(1, 0xbb67ae85);
  initial(2, 0x3c6ef372);
  initial(3, 0xa54ff53a);
  initial(4, 0x510e527f);
  initial(5, 0x9b05688c);
  initial(6, 0x1f83d9ab);
  initial(7, 0x5be0cd19);
  for (let block = 0; block < blocks; block++) {
    const p0 = blockOf(0, s0, w0, block);
    const p1 = blockOf(1, s1, w1, block);
    const p2 = blockOf(2, s2, w2, block);
    const p3 = blockOf(3, s3, w3, block);
    for (let i = 0; i < 64; i += 16) loadWords(schedule + (i << 2), p0 + i, p1 + i, p2 + i, p3 + i);
    compress();
  }
  // Of the lanes beyond, which repeat the first line, nothing counts.
  const counted = v128.load(lanesCounted + ((4 - lanes) << 2));
  for (let word = 0; word < 8; word++) {
    const words = v128.and(v128.load(state + (word << 4)), counted);
    const sum = sums + (word << 4);
    const both = i64x2.add(i64x2.extend_low_i32x4_u(words), i64x2.extend_high_i32x4_u(words));
    v128.store(sum, i64x2.add(v128.load(sum), both));
  }
}

/** Eight rounds at a time: as many as there are words in the state, so that none has to move. */
function compress(): void {
  let a = v128.load(state);
  let b = v128.load(state, 16);
  let c = v128.load(state, 32);
  let d = v128.load(state, 48);
  let e = v128.load(state, 64);
  let f = v128.load(state, 80);
  let g = v128.load(state, 96);
  let h = v128.load(state, 112);
  for (let round = 0; round < 64; round += 8) {
    const near = schedule + ((round & 8) << 4);
    if (round > 15) extend(near, schedule + (((round & 8) ^ 8) << 4));
    const constants = k + (round << 2);
    h = first(e, f, g, h, v128.load32_splat(constants), v128.load(near));
    d = i32x4.add(d, h);
    h = i32x4.add(h, second(a, b, c));
    g = first(d, e, f, g, v128.load32_splat(constants, 4), v128.load(near, 16));
    c = i32x4.add(c, g);
    g = i32x4.add(g, second(h, a, b));
    f = first(c, d, e, f, v128.load32_splat(constants, 8), v128.load(near, 32));
    b = i32x4.add(b, f);
    f = i32x4.add(f, second(g, h, a));
    e = first(b, c, d, e, v128.load32_splat(constants, 12), v128.load(near, 48));
    a = i32x4.add(a, e);
    e = i32x4.add(e, second(f, g, h));
    d = first(a, b, c, d, v128.load32_splat(constants, 16), v128.load(near, 64));
    h = i32x4.add(h, d);
    d = i32x4.add(d, second(e, f, g));
    c = first(h, a, b, c, v128.load32_splat(constants, 20), v128.load(near, 80));
    g = i32x4.add(g, c);
    c = i32x4.add(c, second(d, e, f));
    b = first(g, h, a, b, v128.load32_splat(constants, 24), v128.load(near, 96));
    f = i32x4.add(f, b);
    b = i32x4.add(b, second(c, d, e));
    a = first(f, g, h, a, v128.load32_splat(constants, 28), v128.load(near, 112));
    e = i32x4.add(e, a);
    a = i32x4.add(a, second(b, c, d));
  }
  v128.store(state, i32x4.add(v128.load(state), a));
  v128.store(state, i32x4.add(v128.load(state, 16), b), 16);
  v128.store(state, i32x4.add(v128.load(state, 32), c), 32);
  v128.store(state, i32x4.add(v128.load(state, 48), d), 48);
  v128.store(state, i32x4.add(v128.load(state, 64), e), 64);
  v128.store(state, i32x4.add(v128.load(state, 80), f), 80);
  v128.store(state, i32x4.add(v128.load(state, 96), g), 96);
  v128.store(state, i32x4.add(v128.load(state, 112), h), 112);
}

/** What a round adds to two of the words. */
// @ts-ignore: decorator
@inline
function first(e: v128, f: v128, g: v128, h: v128, constant: v128, w: v128): v128 {
  const big1 = v128.xor(v128.xor(rotated(e, 6), rotated(e, 11)), rotated(e, 25));
  const choice = v128.xor(g, v128.and(e, v128.xor(f, g)));
  return i32x4.add(i32x4.add(i32x4.add(h, constant), i32x4.add(w, choice)), big1);
}

// @ts-ignore: decorator
@inline
function second(a: v128, b: v128, c: v128): v128 {
  const big0 = v128.xor(v128.xor(rotated(a, 2), rotated(a, 13)), rotated(a, 22));
  // Where a and b differ c decides, else they do.
  return i32x4.add(big0, v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c))));
}

/** Makes the eight words of sixteen rounds later in place; `far` are the other eight. */
function extend(near: usize, far: usize): void {
  const late0 = extended(near, v128.load(near, 16), v128.load(far, 16), v128.load(far, 96));
  v128.store(near, late0);
  const late1 = extended(near + 16, v128.load(near, 32), v128.load(far, 32), v128.load(far, 112));
  v128.store(near, late1, 16);
  const late2 = extended(near + 32, v128.load(near, 48), v128.load(far, 48), late0);
  v128.store(near, late2, 32);
  const late3 = extended(near + 48, v128.load(near, 64), v128.load(far, 64), late1);
  v128.store(near, late3, 48);
  const late4 = extended(near + 64, v128.load(near, 80), v128.load(far, 80), late2);
  v128.store(near, late4, 64);
  const late5 = extended(near + 80, v128.load(near, 96), v128.load(far, 96), late3);
  v128.store(near, late5, 80);
  const late6 = extended(near + 96, v128.load(near, 112), v128.load(far, 112), late4);
  v128.store(near, late6, 96);
  v128.store(near, extended(near + 112, v128.load(far), late0, late5), 112);
}

// @ts-ignore: decorator
@inline
function extended(at: usize, next: v128, ninth: v128, fourteenth: v128): v128 {
  const small0 = v128.xor(v128.xor(rotated(next, 7), rotated(next, 18)), i32x4.shr_u(next, 3));
  const small1 = v128.xor(v128.xor(rotated(fourteenth, 17), rotated(fourteenth, 19)), i32x4.shr_u(fourteenth, 10));
  return i32x4.add(i32x4.add(v128.load(at), small0), i32x4.add(ninth, small1));
}
