import { describe, expect, test } from 'vitest';
import { parseOptions, UsageError } from './options.ts';

describe('parseOptions', () => {
  test('replays the bundled session when nothing is named', () => {
    expect(parseOptions([])).toEqual({
      inputs: [],
      format: 'binance-combined',
      symbol: 'TAPEUSDT',
      tickSize: '0.01',
      lotSize: '0.001',
      intervalMs: 60_000,
      rowTicks: 10,
      out: '.tapekit',
      once: false,
      strict: false,
      host: '127.0.0.1',
      port: 8080,
    });
  });

  test('takes one session over several files, in the order given', () => {
    const args =
      '--input a.gz --input b.gz --format binance-combined --symbol ETHUSDT --tick-size 0.01 --lot-size 0.0001 --bar 5m --row-size 25 --out OUT --once';
    expect(parseOptions(args.split(' '))).toMatchObject({
      inputs: ['a.gz', 'b.gz'],
      symbol: 'ETHUSDT',
      lotSize: '0.0001',
      intervalMs: 300_000,
      rowTicks: 25,
      out: 'OUT',
      once: true,
    });
  });

  test.each([
    ['--symbol eth', '--symbol "eth" is no symbol. Expected capitals and digits, for example ETHUSDT.'],
    ['--bar 60', '--bar "60" is no bar length. Expected 1s to 24h, for example 60s or 5m.'],
    ['--bar 25h', '--bar "25h" is no bar length. Expected 1s to 24h, for example 60s or 5m.'],
    ['--row-size 0', '--row-size "0" is out of range. Expected a whole number from 1 to 1000000.'],
    ['--row-size 1.5', '--row-size "1.5" is out of range. Expected a whole number from 1 to 1000000.'],
    ['--port 70000', '--port "70000" is out of range. Expected a whole number from 0 to 65535.'],
    ['--format csv', '--format "csv" is not known. The one format is binance-combined.'],
    ['--input a.gz', '--input needs --symbol too: it says how to read the instrument. See --help.'],
    ['--tick-size 0', '--tick-size "0" is not a positive decimal of at most 100 decimals.'],
    ['--lot-size x', '--lot-size "x" is not a positive decimal of at most 100 decimals.'],
    ['--out=', '--out "" is empty. Expected a folder, for example results.'],
    ['--wat', "Unknown option '--wat'"],
    ['stray', 'Unexpected argument'],
  ])('explains what is wrong with "%s"', (args, message) => {
    expect(() => parseOptions(args.split(' '))).toThrow(UsageError);
    expect(() => parseOptions(args.split(' '))).toThrow(message);
  });

  test('takes the `--` that pnpm hands on', () => {
    expect(parseOptions(['--', '--once'])).toMatchObject({ once: true });
  });

  test('gives the help text before it looks at anything else', () => {
    expect(parseOptions(['--help', '--symbol', 'eth'])).toBe('help');
  });
});
