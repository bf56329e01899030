import { fromUtf8 } from './utf8.ts';

/** What one record says of itself; leave out what it does not say. */
export interface RecordFacts {
  /** When it happened, epoch ms UTC. */
  readonly timeMs?: number;
  /** The venue's id of it. */
  readonly id?: string;
  /** Who took liquidity. */
  readonly side?: 'buy' | 'sell' | 'unknown';
  /** How much was traded, a decimal such as `12.500`. */
  readonly size?: string;
}

/** Reads one record: a line without its newline. `undefined`, or an error, for a line that is none. */
export type DescribeRecord = (line: string) => RecordFacts | undefined;

/** Traded size per side, exact decimals. */
export interface Volume {
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
}

/** What the records of one raw object say together; `null` where none of them says it. */
export interface RecordSummary {
  readonly minTimeMs: number | null;
  readonly maxTimeMs: number | null;
  readonly firstId: string | null;
  readonly lastId: string | null;
  readonly volume: Volume;
  /** Records that could not be described. */
  readonly undescribed: number;
  /** Records whose time is not within their day. */
  readonly misdated: number;
}

/** Takes the bytes of one raw object as they come. */
export interface RecordReader {
  push(piece: Uint8Array): void;
  /** The last line may lack its newline. */
  finish(): RecordSummary;
}

const newline = 10;
const decimalPattern = /^(\d{1,30})(?:\.(\d{1,30}))?$/;

/** Reads the records of one raw object of a day, start inclusive, end exclusive. */
export function createRecordReader(
  describe: DescribeRecord,
  day: { readonly startMs: number; readonly endMs: number },
): RecordReader {
  let open: Uint8Array[] = [];
  let minTimeMs: number | null = null;
  let maxTimeMs: number | null = null;
  let firstId: string | null = null;
  let lastId: string | null = null;
  let undescribed = 0;
  let misdated = 0;
  const volume = { buy: createSum(), sell: createSum(), unknown: createSum() };

  function take(line: string): void {
    let facts: RecordFacts | undefined;
    try {
      facts = describe(line);
    } catch {
      // A line that the caller's reader does not know is archived like every other.
    }
    if (facts === undefined) {
      undescribed += 1;
      return;
    }
    const { timeMs, id, side = 'unknown', size } = facts;
    if (timeMs !== undefined && Number.isFinite(timeMs)) {
      minTimeMs = Math.min(minTimeMs ?? timeMs, timeMs);
      maxTimeMs = Math.max(maxTimeMs ?? timeMs, timeMs);
      if (timeMs < day.startMs || timeMs >= day.endMs) misdated += 1;
    }
    if (id !== undefined) {
      firstId ??= id;
      lastId = id;
    }
    if (size !== undefined && !volume[side].add(size)) undescribed += 1;
  }

  function endLine(rest: Uint8Array): void {
    const parts = open.length === 0 ? [rest] : [...open, rest];
    open = [];
    const line = parts.map((part) => part.length).reduce((sum, length) => sum + length, 0);
    if (line === 0) return;
    const bytes = new Uint8Array(line);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    take(fromUtf8(bytes));
  }

  return {
    push(piece) {
      let start = 0;
      for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
        endLine(piece.subarray(start, end));
        start = end + 1;
      }
      if (start < piece.length) open.push(new Uint8Array(piece.subarray(start)));
    },
    finish() {
      endLine(new Uint8Array(0));
      return {
        minTimeMs,
        maxTimeMs,
        firstId,
        lastId,
        volume: { buy: volume.buy.text(), sell: volume.sell.text(), unknown: volume.unknown.text() },
        undescribed,
        misdated,
      };
    },
  };
}

/** Adds volumes exactly. */
export function addVolumes(volumes: readonly Volume[]): Volume {
  const add = (side: keyof Volume): string => {
    const sum = createSum();
    for (const volume of volumes) sum.add(volume[side]);
    return sum.text();
  };
  return { buy: add('buy'), sell: add('sell'), unknown: add('unknown') };
}

/** An exact sum of decimals: an integer of the finest step seen so far. */
function createSum(): { add(decimal: string): boolean; text(): string } {
  let units = 0n;
  let places = 0;
  return {
    add(decimal) {
      const match = decimalPattern.exec(decimal);
      if (!match) return false;
      const fraction = match[2] ?? '';
      if (fraction.length > places) {
        units *= 10n ** BigInt(fraction.length - places);
        places = fraction.length;
      }
      units += BigInt(match[1]! + fraction.padEnd(places, '0'));
      return true;
    },
    text() {
      const digits = units.toString().padStart(places + 1, '0');
      const whole = digits.slice(0, digits.length - places);
      const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
      return fraction === '' ? whole : `${whole}.${fraction}`;
    },
  };
}
