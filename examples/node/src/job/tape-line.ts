/** The stored form of one raw record: the frame verbatim, in an envelope that says when and in which order it came. */

/** One line of a raw tape object and of the archive. */
export interface TapeLine {
  /** Position in the whole input, from 1; every input line counts, also those that were set aside. */
  readonly seq: number;
  /** Receive time, epoch nanoseconds UTC, as digits: it exceeds the safe integers. */
  readonly receiveNs: string;
  /** The venue's JSON text, byte for byte. */
  readonly raw: string;
}

/** One JSON line without its line feed; `raw` keeps its bytes, since it is JSON already. */
export function formatTapeLine({ seq, receiveNs, raw }: TapeLine): string {
  return `{"v":1,"seq":${seq},"receiveNs":"${receiveNs}","raw":${raw}}`;
}

/** UTC day of a receive time, as `YYYY-MM-DD`: the archive's day. */
export function tapeDate(receiveMs: number): string {
  return new Date(receiveMs).toISOString().slice(0, 10);
}
