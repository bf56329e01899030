import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { readIdxDaily } from '../scripts/idx-daily.ts';
import { evaluateScores, findLookAhead, walkForward } from './evaluate.ts';
import { scorePresets } from './presets.ts';
import { createSymbolScorer } from './score-symbol.ts';

describe.skipIf(!hasRecordedData)('30 Indonesian stocks', () => {
  const stocks = hasRecordedData ? readIdxDaily(recordedPath('ohlcv/idx_daily')) : [];
  const series = stocks.map(({ symbol, days }) => ({ symbol, bars: days.map(({ bar }) => bar) }));

  test('a split is no loss: 36,600 to 7,525 for five shares is +2.73 % on the reference price of 7,325', () => {
    const { days } = stocks.find(({ symbol }) => symbol === 'BBCA')!;
    const at = days.findIndex(({ date }) => date === '2021-10-13');
    // 36,600 is not a fifth of 7,325 exactly: the exchange rounds its reference price to the tick.
    expect(days[at]!.bar.close / days[at - 1]!.bar.close - 1).toBeCloseTo(7525 / 7325 - 1, 12);
  });

  test('no day moves by more than the widest limit of the exchange, 35 %', () => {
    expect(stocks).toHaveLength(30);
    for (const { symbol, days } of stocks) {
      days.slice(1).forEach(({ bar, date }, i) => {
        const before = days[i]!;
        if (Date.parse(date) - Date.parse(before.date) > 14 * 86_400_000) return;
        expect(Math.abs(bar.close / before.bar.close - 1), `${symbol} ${date}`).toBeLessThanOrEqual(0.35);
      });
    }
  });

  test('a year of scores does not change when later days come, and is evaluated without a hole', () => {
    const year = series.map(({ symbol, bars }) => ({ symbol, bars: bars.slice(0, 250) }));
    const create = (symbol: string) => {
      const scorer = createSymbolScorer({ symbol, preset: scorePresets.tape });
      return { push: (bar: (typeof year)[0]['bars'][0]) => scorer.push(bar).score };
    };
    const found = findLookAhead(year[0]!.bars, (bars) => walkForward([{ symbol: 'X', bars }], create)[0]!.scores, 60);
    expect(found).toBeUndefined();
    const [one] = evaluateScores(walkForward(year, create), { horizons: [5], resamples: 200, shuffles: 9 }).horizons;
    expect(one!.dates).toBeGreaterThan(200);
    expect(Math.abs(one!.rankIc.value!)).toBeLessThan(0.15);
    expect(one!.rankIc.low!).toBeLessThan(one!.rankIc.value!);
    expect(one!.rankIc.high!).toBeGreaterThan(one!.rankIc.value!);
  });
});
