import { describe, expect, test } from 'vitest';
import { canonicalDecimal } from './values.ts';
import { useTestDatabases } from './test-database.ts';

const databases = useTestDatabases();

describe('canonicalDecimal', () => {
  test('gives the literal that the database gives for the trimmed number', async () => {
    const { sql } = await databases.create({ migrated: false });
    const literals = [
      ...['0', '-0', '0.0', '-0.000', '00', '1.', '1.0', '10', '100.0', '-100.10', '007', '000.5', '-000.050'],
      ...[
        '2680.774339338222',
        '0.00000001',
        '123456789012345678901234567890.1234567890',
        '9007199254740993',
        '1000000',
      ],
    ];
    const rows = await sql<{ literal: string; trimmed: string }[]>`
      select literal, trim_scale(literal::numeric)::text as trimmed
      from json_array_elements_text(${JSON.stringify(literals)}::text::json) as t (literal)`;
    expect(rows.map(({ literal }) => canonicalDecimal(literal, 'x'))).toEqual(rows.map(({ trimmed }) => trimmed));
    expect(rows).toHaveLength(literals.length);
  });

  test.each(['', '.5', '-', '1e3', '1_000', ' 1', '1 ', '+1', '0x1', '1,5', 'NaN', '--1', '1.2.3', 5, null])(
    'refuses "%s"',
    (value) => {
      expect(() => canonicalDecimal(value, 'price')).toThrow(expect.objectContaining({ code: 'bad-record' }));
    },
  );
});
