/**
 * Shows every decoder every damaged gzip stream of the corpus, in pieces of several sizes.
 *
 *     node --conditions=source scripts/fuzz-gzip.ts --pieces 1000,7 --bases 20 --scale 4
 *
 * Prints counts as JSON; exits 1 if a decoder took a stream as something else, or if the three do not agree.
 */
import { parseArgs } from 'node:util';
import { bases, damages, decoders, judge, type Base } from './gzip-corpus.ts';

/** How often each thing happened. */
export interface FuzzCounts {
  readonly bases: number;
  /** Damaged streams. */
  readonly inputs: number;
  /** Streams times decoders. */
  readonly decoded: number;
  readonly refused: number;
  /** Taken, with the very content of the undamaged stream: the damage was in bits that mean nothing. */
  readonly harmless: number;
  /** Of those, streams that not all three took: only `strict` looks at padding, and fflate at no length's complement. */
  readonly stricter: number;
  /** Taken as something else, or failed with a foreign error: must be empty. */
  readonly wrong: readonly string[];
}

/** Runs the corpus of some bases. */
export async function fuzz(list: readonly Base[], pieceBytes: number): Promise<FuzzCounts> {
  const counts = { bases: list.length, inputs: 0, decoded: 0, refused: 0, harmless: 0, stricter: 0 };
  const wrong: string[] = [];
  for (const base of list) {
    for (const decoder of decoders) {
      const verdict = await judge(base.gz, base.content, { decoder }, pieceBytes);
      if (verdict !== 'same') wrong.push(`${base.name}: ${decoder} says ${verdict}`);
    }
    for (const { name, gz, mustBeRefused } of damages(base)) {
      counts.inputs += 1;
      let taken = 0;
      for (const decoder of decoders) {
        const verdict = await judge(gz, base.content, { decoder }, pieceBytes);
        counts.decoded += 1;
        if (verdict === 'refused') counts.refused += 1;
        else if (verdict === 'same' && !mustBeRefused) taken += 1;
        else wrong.push(`${base.name}, ${name}: ${decoder} says ${verdict}`);
        if (verdict === 'same' && decoder === 'strict' && taken < decoders.length)
          wrong.push(`${base.name}, ${name}: taken by strict alone`);
      }
      counts.harmless += taken;
      if (taken > 0 && taken < decoders.length) counts.stricter += 1;
    }
  }
  return { ...counts, wrong };
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      pieces: { type: 'string', default: '1000' },
      bases: { type: 'string', default: '20' },
      scale: { type: 'string', default: '1' },
    },
  });
  const list = (await bases(Number(values.scale))).slice(0, Number(values.bases));
  let isRight = true;
  for (const pieceBytes of values.pieces.split(',').map(Number)) {
    const counts = await fuzz(list, pieceBytes);
    console.log(JSON.stringify({ pieceBytes, ...counts }, null, 2));
    isRight &&= counts.wrong.length === 0;
  }
  process.exitCode = isRight ? 0 : 1;
}
