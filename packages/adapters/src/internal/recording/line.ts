/** One line of a recording: the frame verbatim, with all that is needed to read it again. */
import type { QuarantineReason, SourceItem } from '../../market-source.ts';
import { RecordError } from '../record-error.ts';

/** A frame as it is kept. */
export interface RecordedLine {
  readonly v: 1;
  /** Number of the frame in the recording, from 1. */
  readonly seq: number;
  /** Number of the first frame that the same recorder wrote: with `file` it tells connections apart. */
  readonly run: number;
  /** Connection or file that it came over, and its number there. */
  readonly file: string;
  readonly line: number;
  /** Receive time, epoch nanoseconds UTC, as digits. */
  readonly receiveNs: string;
  /** Text of the frame; of a binary one its bytes in base64. */
  readonly raw: string;
  readonly encoding?: 'base64';
  /** Why the frame is not whole, or no frame: it comes back as it is, without being read again. */
  readonly refused?: { readonly reason: QuarantineReason; readonly detail: string };
}

/** The line of a record or a quarantine entry; `lastNs` is the time of those that have none. */
export function lineOf(
  item: Extract<SourceItem, { kind: 'record' | 'quarantined' }>,
  seq: number,
  run: number,
  lastNs: string,
): RecordedLine {
  if (item.kind === 'record') {
    const { file, line, receiveNs, raw, encoding } = item.record;
    return { v: 1, seq, run, file, line, receiveNs, raw, ...(encoding ? { encoding } : {}) };
  }
  const { file, line, receiveNs, text, encoding, reason, detail } = item.entry;
  // What was cut can be read by no decoder, nor can what a reader of files refused.
  const isFrame = receiveNs !== undefined && reason !== 'too-long';
  return {
    v: 1,
    seq,
    run,
    file,
    line,
    receiveNs: receiveNs ?? lastNs,
    raw: text,
    ...(encoding ? { encoding } : {}),
    ...(isFrame ? {} : { refused: { reason, detail } }),
  };
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** @throws `RecordError` for what no recorder wrote. */
export function parseLine(text: string): RecordedLine {
  let line: Partial<RecordedLine> | null;
  try {
    line = JSON.parse(text) as Partial<RecordedLine> | null;
  } catch {
    throw new RecordError('the line', text, 'JSON of a recorder');
  }
  const { v, seq, run, file, line: number, receiveNs, raw, encoding, refused }: Partial<RecordedLine> = line ?? {};
  const version: unknown = v;
  if (version !== 1) throw new RecordError('v', v, '1');
  for (const [name, value] of Object.entries({ seq, run, line: number })) {
    if (!Number.isSafeInteger(value) || value! < 1) throw new RecordError(name, value, 'a whole number from 1 on');
  }
  if (typeof file !== 'string') throw new RecordError('file', file, 'a text');
  if (typeof receiveNs !== 'string' || !/^\d{7,20}$/.test(receiveNs)) {
    throw new RecordError('receiveNs', receiveNs, 'nanoseconds as digits');
  }
  if (typeof raw !== 'string') throw new RecordError('raw', raw, 'a text');
  const known: readonly unknown[] = [undefined, 'base64'];
  if (!known.includes(encoding) || (encoding && !base64.test(raw))) {
    throw new RecordError('encoding', encoding, 'base64 or nothing');
  }
  if (refused !== undefined && (typeof refused.reason !== 'string' || typeof refused.detail !== 'string')) {
    throw new RecordError('refused', refused, 'a reason and a detail');
  }
  return line as RecordedLine;
}
