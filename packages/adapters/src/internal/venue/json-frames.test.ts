import { describe, expect, test } from 'vitest';
import { fuzzCount } from '../fuzz-frames.ts';
import { mutateFrame, seededRandom } from '../fuzz-mutate.ts';
import { parseExact } from './json-frames.ts';

describe('numbers of a frame', () => {
  test('that a double does not hold come as text, in lists and objects; the rest stays as JSON has it', () => {
    const text =
      '{"a":12345678901.12345678,"b":[-0.1234567890123456789,1.5],"c":9007199254740993,"d":9007199254740991,"e":1e-7}';
    expect(parseExact(text)).toEqual({
      a: '12345678901.12345678',
      b: ['-0.1234567890123456789', 1.5],
      c: '9007199254740993',
      d: 9007199254740991,
      e: 1e-7,
    });
  });

  test('in quotes are left alone, also behind quotes that are escaped', () => {
    const texts = ['x:12345678901.12345678', '\\":12345678901.12345678', '\\\\', ', 12345678901.12345678 "'];
    for (const text of texts) expect(parseExact(JSON.stringify({ text, n: 1 }))).toEqual({ text, n: 1 });
  });

  test('change nothing else of any text that is JSON, and nothing that is not becomes JSON', () => {
    const random = seededRandom(11);
    const good = '{"price":12345678901.12345678,"text":"a \\"b\\" 1234567890123456.7,","list":[1,-2.50,3e5,null,true]}';
    let parsed = 0;
    for (let i = 0; i < fuzzCount(); i += 1) {
      const text = String(mutateFrame(good, random));
      // Nested too deep for a test to walk.
      if (text.length > 1_000) continue;
      let plain: unknown;
      try {
        plain = JSON.parse(text);
      } catch {
        expect(() => parseExact(text)).toThrow(SyntaxError);
        continue;
      }
      parsed += 1;
      // Text that stands for a number is that number again.
      const reread = asNumbers(parseExact(text), plain);
      expect(reread).toEqual(plain);
    }
    expect(parsed).toBeGreaterThan(100);
  });
});

/** Texts of `exact` where `plain` has a number, as numbers. */
function asNumbers(exact: unknown, plain: unknown): unknown {
  if (typeof plain === 'number' && typeof exact === 'string') return Number(exact);
  if (typeof plain !== 'object' || plain === null) return exact;
  if (Array.isArray(plain)) return (exact as unknown[]).map((item, i) => asNumbers(item, plain[i]));
  const of = plain as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(exact as Record<string, unknown>).map(([key, value]) => [key, asNumbers(value, of[key])]),
  );
}
