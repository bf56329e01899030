/** The live feed of Stockbit against a venue that does every fault of the contract. */
import { expect, test } from 'vitest';
import { checkFault, faultCases } from '../testing/fault-suite.ts';
import { writeProto } from './stockbit/protobuf.ts';
import { stockbitFeed } from './stockbit.ts';

const feed = stockbitFeed({ token: 'secret', key: 'secret', userId: '1', symbols: ['TSTA', 'TSTB'] });
/** Numbers may come as text as well. */
const trade = (code: string, number: number): Uint8Array =>
  writeProto([
    [
      1,
      writeProto([
        [2, code],
        [3, '6300'],
        [4, '200'],
        [9, String(number)],
      ]),
    ],
  ]);
const side = (code: string, name: string, level: string): Uint8Array =>
  writeProto([
    [
      10,
      writeProto([
        [1, code],
        [2, `#O|${code}|${name}|${level}`],
      ]),
    ],
  ]);
const frames: Uint8Array[] = [];
for (let i = 1; i <= 20; i += 1) {
  const code = i % 2 ? 'TSTA' : 'TSTB';
  frames.push(trade(code, Math.ceil(i / 2)), side(code, 'BID', `6275;${i};0`), side(code, 'OFFER', `6300;${i};0`));
}

test.each(faultCases.map((fault) => [fault.name, fault] as const))('survives a venue that %s', async (_name, fault) => {
  const { events, yielded, delivered } = await checkFault(fault, { feed, frames });
  expect(yielded).toBe(delivered);
  expect(events).toBeGreaterThan(0);
});
