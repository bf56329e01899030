/**
 * Symbols and dates of every kind against the grammar of keys.
 *
 *     node --conditions=source scripts/fuzz-keys.ts --count 1000000 --seed 1
 *
 * What is accepted makes keys that stay in their cell and parse back to what they were made of; what is refused makes no
 * key at all; every vendor's name comes back from its escape. Exits 1 at the first pair for which that is not so.
 */
import { posix, win32 } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isHousecleaningError } from '../src/errors.ts';
import {
  archiveKey,
  assertCell,
  escapeSymbol,
  formatRawKey,
  isDate,
  isStageKey,
  isSymbol,
  legacyPartKey,
  manifestKey,
  parseArchiveKey,
  parseLegacyPartKey,
  parseQuarantineKey,
  parseRawCell,
  parseRawKey,
  quarantineKey,
  rawCellPrefix,
  stageKey,
  unescapeSymbol,
  type Cell,
} from '../src/keys.ts';
import { assertObjectKey, maxKeyBytes } from '../src/object-store.ts';

/** How many pairs were tried, and what became of them. */
export interface FuzzCounts {
  readonly pairs: number;
  /** Pairs of which keys were made. */
  readonly accepted: number;
  /** Of these, with a symbol that is escaped. */
  readonly escaped: number;
  /** Names that came back from their escape. */
  readonly names: number;
}

const sha256 = '0123456789abcdef'.repeat(4);
const latest = '2026-11-21';
const nasty = [
  '',
  '.',
  '..',
  '/',
  '\\',
  '%',
  '~',
  '~2F',
  '~2f',
  '\0',
  '\u{feff}',
  'é',
  'é',
  '𝔅',
  '\ud800',
  'raw_tns',
  ' ',
];

/** Tries `count` pairs; throws with the pair where a property does not hold. */
export function fuzzKeys(count: number, seed: number): FuzzCounts {
  const random = createRandom(seed);
  let accepted = 0;
  let escaped = 0;
  let names = 0;
  for (let i = 0; i < count; i++) {
    const name = randomName(random);
    const viaEscape = escapeOrUndefined(name);
    if (viaEscape !== undefined) {
      names += 1;
      expect(unescapeSymbol(viaEscape) === name, 'comes back from its escape', name);
      // File systems that ignore case cannot take it for another one.
      expect(viaEscape === viaEscape.toUpperCase(), 'has no small letters', name);
    }
    const cell = { symbol: random() < 0.5 ? name : (viaEscape ?? name), date: randomDate(random) };
    if (isSymbol(cell.symbol) && isDate(cell.date)) {
      accepted += 1;
      if (cell.symbol.includes('~')) escaped += 1;
      checkAccepted(cell, random);
    } else checkRefused(cell);
  }
  return { pairs: count, accepted, escaped, names };
}

function checkAccepted(cell: Cell, random: () => number): void {
  const firstSeq = Math.floor(random() * 1e12);
  const segment = { ...cell, firstSeq, lastSeq: Math.min(999_999_999_999, firstSeq + Math.floor(random() * 1e6)) };
  const raw = formatRawKey({ ...segment, sha256 });
  const part = Math.floor(random() * 1e9);
  same(parseRawKey(raw), { ...segment, sha256Prefix: sha256.slice(0, 16) }, cell);
  same(parseRawCell(raw), cell, cell);
  same(parseRawCell(raw, latest), cell.date <= latest ? cell : undefined, cell);
  same(parseArchiveKey(archiveKey(cell)), cell, cell);
  same(parseQuarantineKey(quarantineKey(cell)), cell, cell);
  same(parseLegacyPartKey(legacyPartKey(cell, part)), { cell, part }, cell);
  expect(isStageKey(cell, stageKey(cell, sha256, part % 10)), 'knows its stage', cell);
  expect(raw.startsWith(rawCellPrefix(cell)), 'lies in its cell', cell);
  const keys = [raw, archiveKey(cell), quarantineKey(cell), legacyPartKey(cell, part), manifestKey(cell, sha256)];
  for (const key of [...keys, stageKey(cell, sha256)]) {
    assertObjectKey(key);
    expect(new TextEncoder().encode(key).length <= maxKeyBytes, 'is short enough', key);
    for (const path of [posix, win32]) {
      const at = path.resolve(path === posix ? '/store' : 'C:\\store', ...key.split('/'));
      expect(
        at === (path === posix ? `/store/${key}` : `C:\\store\\${key.replaceAll('/', '\\')}`),
        'is its own path',
        key,
      );
    }
  }
}

function checkRefused(cell: Cell): void {
  for (const make of [assertCell, rawCellPrefix, archiveKey, quarantineKey]) {
    try {
      make(cell);
    } catch (error) {
      if (isHousecleaningError(error, 'bad-key')) continue;
      throw error;
    }
    expect(false, `is refused by ${make.name}`, cell);
  }
  // Written by others all the same, it belongs to another cell or to none.
  const found = parseRawCell(`raw_tns/${cell.symbol}/${cell.date}/x`);
  expect(found?.symbol !== cell.symbol || found.date !== cell.date, 'is not found again', cell);
}

function escapeOrUndefined(name: string): string | undefined {
  try {
    return escapeSymbol(name);
  } catch (error) {
    if (isHousecleaningError(error, 'bad-key')) return undefined;
    throw error;
  }
}

/** Half of the names follow the grammar; the others break it in one place, or everywhere. */
function randomName(random: () => number): string {
  const pick = <T>(of: ArrayLike<T>): T => of[Math.floor(random() * of.length)]!;
  const text = (alphabet: string, most: number): string =>
    Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(alphabet)).join('');
  const plain = text('ABCXYZ019', 1) + (random() < 0.8 ? text('ABCXYZ0123456789._-', 30) + text('AZ09', 1) : '');
  const kind = random();
  if (kind < 0.5) return plain;
  const at = Math.floor(random() * (plain.length + 1));
  if (kind < 0.7) return plain.slice(0, at) + pick(nasty) + plain.slice(at);
  if (kind < 0.8) return text('abcXYZ.-_/:^=$ ~2F', 70);
  if (kind < 0.9) return text('~0123456789ABCDEF', 12);
  return Array.from({ length: Math.floor(random() * 12) }, () =>
    String.fromCodePoint(Math.floor(random() * (random() < 0.5 ? 0x80 : 0x110000))),
  ).join('');
}

function randomDate(random: () => number): string {
  const number = (most: number, digits: number): string =>
    String(Math.floor(random() * most)).padStart(random() < 0.98 ? digits : 1, '0');
  if (random() < 0.7) return new Date(631_152_000_000 + Math.floor(random() * 31_872e9)).toISOString().slice(0, 10);
  if (random() < 0.1) return `${number(4_000, 4)}/${number(14, 2)}-${number(33, 2)}`;
  return `${number(4_000, 4)}-${number(14, 2)}-${number(33, 2)}`;
}

function same(found: unknown, expected: unknown, of: Cell): void {
  expect(JSON.stringify(found) === JSON.stringify(expected), `gives ${JSON.stringify(expected)}`, of);
}

function expect(holds: boolean, what: string, of: unknown): void {
  if (!holds) throw new Error(`Not so: ${JSON.stringify(of)} ${what}.`);
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
  });
  console.log(JSON.stringify(fuzzKeys(Number(values.count), Number(values.seed))));
}
