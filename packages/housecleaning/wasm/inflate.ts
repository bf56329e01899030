// The inner loop of inflate: symbols of one block, as `src/internal/inflate.ts` decodes them, with 64 bits at hand. It
// stops before anything unusual, and that file goes on from there: what is wrong is judged in one place.

/** Where the caller puts compressed bytes. */
const input: usize = memory.data(67_584, 16);
/** 32 KiB to refer to, a piece of 256 KiB, and what copying by sixteen writes behind it. */
const output: usize = memory.data(294_976, 16);
/** at, end, hold, held, write, limit, most: places in the input and the output. */
const state: usize = memory.data(28, 16);
/** Entries of the next ten bits, of lengths and literals, and 4 KiB later of distances. */
const tables: usize = memory.data(8_192, 16);
/** Entries of symbols without the length of their code, likewise; distances 2 KiB later. */
const meanings: usize = memory.data(4_096, 16);
/** How many codes there are of each length, then their symbols, two bytes each; distances 1 KiB later. */
const canons: usize = memory.data(2_048, 16);

/** Bytes of input that are left alone: two loads of eight bytes reach no further. */
const reserve: i32 = 24;

// An entry: bits of the code (4), extra bits (4), kind (2), and from bit 16 on the literal, length or distance.
const literal: u32 = 0;
const isLength: u32 = 1 << 8;
const endOfBlock: u32 = 2 << 8;
const kinds: u32 = 3 << 8;

export function inflateInputAt(): usize {
  return input;
}

export function inflateOutputAt(): usize {
  return output;
}

export function inflateStateAt(): usize {
  return state;
}

export function inflateTablesAt(): usize {
  return tables;
}

export function inflateMeaningsAt(): usize {
  return meanings;
}

export function inflateCanonsAt(): usize {
  return canons;
}

/** Decodes while all is as usual; 1 if the block ended. */
export function inflateSymbols(): i32 {
  const start = input + load<i32>(state);
  const enough = input + load<i32>(state, 4) - reserve;
  let at = start;
  let hold = <u64>load<u32>(state, 8);
  let held = <u64>load<u32>(state, 12);
  let to = output + load<i32>(state, 16);
  // Three literals are written without looking.
  const limit = output + load<i32>(state, 20) - 2;
  const most = output + load<i32>(state, 24);
  let isOver = 0;
  while (at <= enough && to < limit) {
    hold |= load<u64>(at) << held;
    at += <usize>((63 - held) >> 3);
    held |= 56;
    let entry = entryOf(0, hold);
    if (entry == 0) break;
    if ((entry & kinds) == literal) {
      store<u8>(to++, <u8>(entry >> 16));
      hold >>= entry & 15;
      held -= entry & 15;
      entry = entryOf(0, hold);
      if (entry == 0) break;
      if ((entry & kinds) == literal) {
        store<u8>(to++, <u8>(entry >> 16));
        hold >>= entry & 15;
        held -= entry & 15;
        entry = entryOf(0, hold);
        if (entry == 0) break;
        if ((entry & kinds) == literal) {
          store<u8>(to++, <u8>(entry >> 16));
          hold >>= entry & 15;
          held -= entry & 15;
          continue;
        }
      }
      hold |= load<u64>(at) << held;
      at += <usize>((63 - held) >> 3);
      held |= 56;
    }
    if ((entry & kinds) != isLength) {
      if ((entry & kinds) == endOfBlock) {
        hold >>= entry & 15;
        held -= entry & 15;
        isOver = 1;
      }
      break;
    }
    let rest = hold >> (entry & 15);
    const count = <usize>(entry >> 16) + valueOf(entry, rest);
    rest >>= (entry >> 4) & 15;
    const other = entryOf(1, rest);
    if ((other & kinds) != isLength) break;
    rest >>= other & 15;
    const distance = <usize>(other >> 16) + valueOf(other, rest);
    if (distance > to - output || to + count > most) break;
    hold = rest >> ((other >> 4) & 15);
    held -= (entry & 15) + ((entry >> 4) & 15) + (other & 15) + ((other >> 4) & 15);
    let from = to - distance;
    const end = to + count;
    if (distance >= 16) {
      do {
        v128.store(to, v128.load(from));
        to += 16;
        from += 16;
      } while (to < end);
      to = end;
    } else while (to < end) store<u8>(to++, load<u8>(from++));
  }
  // Whole bytes that were read ahead go back.
  while (held > 7 && at > start) {
    at--;
    held -= 8;
  }
  store<i32>(state, <i32>(at - input));
  store<u32>(state, <u32>(hold & ((1 << held) - 1)), 8);
  store<u32>(state, <u32>held, 12);
  store<i32>(state, <i32>(to - output), 16);
  return isOver;
}

/** The entry of the next code; 0 for a code that is not there. */
// @ts-ignore: decorator
@inline
function entryOf(which: usize, hold: u64): u32 {
  const entry = load<u32>(tables + (which << 12) + ((<usize>hold & 1023) << 2));
  return (entry & 15) == 0 ? longEntryOf(which, <i32>hold) : entry;
}

/** The value of the extra bits. */
// @ts-ignore: decorator
@inline
function valueOf(entry: u32, rest: u64): usize {
  return <usize>rest & ((1 << ((entry >> 4) & 15)) - 1);
}

/** A code of more than ten bits. */
function longEntryOf(which: usize, hold: i32): u32 {
  const counts = canons + (which << 10);
  let value = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= 15; length++) {
    value |= (hold >> (length - 1)) & 1;
    const count = <i32>load<u16>(counts + (length << 1));
    if (value - count < first) {
      const symbol = <usize>load<u16>(counts + 32 + ((index + value - first) << 1));
      return load<u32>(meanings + (which << 11) + (symbol << 2)) | length;
    }
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  return 0;
}
