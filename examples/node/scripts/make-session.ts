/**
 * Writes the bundled session, `data/session.jsonl.gz`: a synthetic tape of two hours over a UTC midnight, with bursts, a
 * gap in the book, duplicated and late trades. The same generator gives its truth to the tests.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { generateTape } from '@tapekit/tooling/tape-generator';

const { lines, truth } = generateTape();
const text = `${lines.join('\n')}\n`;
const packed = gzipSync(text, { level: 9 });
const target = fileURLToPath(new URL('../data/session.jsonl.gz', import.meta.url));
writeFileSync(target, packed);
console.log(
  `${target}: ${lines.length} lines, ${truth.session.n} trades, ${truth.bars.length} bars, ` +
    `${text.length} bytes, ${packed.length} compressed`,
);
