import { readFileSync } from 'node:fs';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { expect, test } from 'vitest';
import { idxBrokerClasses } from './broker-classes.ts';
import type { BrokerDay } from './broker-flow.ts';
import { brokerFlow, topBrokers } from './broker-flow.ts';
import { row } from './broker-flow/days.fixture.ts';

interface DetectorRow {
  readonly netbs_broker_code: string;
  readonly blot?: string;
  readonly slot?: string;
  readonly bval?: string;
  readonly sval?: string;
}

test.skipIf(!hasRecordedData)('gives the figures of a recorded market detector', () => {
  const file = recordedPath('idx/stockbit_marketdetectors_BBRI_2026-07-31.json');
  const { bandar_detector: vendor, broker_summary: summary } = (
    JSON.parse(readFileSync(file, 'utf8')) as {
      data: {
        bandar_detector: Record<string, { vol: number; percent: number; amount: number; accdist: string }> & {
          average: number;
          value: number;
          volume: number;
          total_buyer: number;
        };
        broker_summary: { brokers_buy: DetectorRow[]; brokers_sell: DetectorRow[] };
      };
    }
  ).data;
  const nets = [...summary.brokers_buy, ...summary.brokers_sell].map((r) => ({
    broker: r.netbs_broker_code,
    netShares: Number(r.blot ?? r.slot) * 100,
    netValue: Number(r.bval ?? r.sval),
  }));
  const detector = topBrokers(nets)!;
  expect(detector.volumeShares).toBe(vendor.volume * 100);
  expect(detector.buyers).toBe(vendor.total_buyer);
  // The vendor carries values in single precision.
  expect(detector.value / vendor.value).toBeCloseTo(1, 6);
  expect(detector.averagePrice / vendor.average).toBeCloseTo(1, 6);
  for (const { top, shares, percent, value, label } of detector.tops) {
    const theirs = vendor[`top${top}`]!;
    expect([top, shares, label]).toEqual([top, theirs.vol * 100, theirs.accdist]);
    expect(percent / theirs.percent).toBeCloseTo(1, 6);
    expect(value / theirs.amount).toBeCloseTo(1, 6);
  }
  expect(detector.averageOfFive.shares / 100).toBe(vendor['avg5']!.vol);
  expect(detector.averageOfFive.label).toBe(vendor['avg5']!.accdist);
});

test.skipIf(!hasRecordedData)('a recorded complete summary nets to zero between the groups', () => {
  const { broker_summary: summary } = (
    JSON.parse(readFileSync(recordedPath('idx/ipot_broksum_BBRI_2026-01-19.json'), 'utf8')) as {
      data: { broker_summary: Record<'brokers_buy' | 'brokers_sell', Record<string, string>[]> };
    }
  ).data;
  const rows = new Map<string, BrokerDay>();
  const at = (broker: string): BrokerDay => rows.get(broker) ?? row('2026-01-19', broker, 0, 0);
  for (const r of summary.brokers_buy) {
    const broker = r['netbs_broker_code']!;
    rows.set(broker, { ...at(broker), buyShares: Number(r['blotv']), buyValue: Number(r['bvalv']) });
  }
  for (const r of summary.brokers_sell) {
    const broker = r['netbs_broker_code']!;
    rows.set(broker, { ...at(broker), sellShares: Number(r['slotv']), sellValue: Number(r['svalv']) });
  }
  const flow = brokerFlow([...rows.values()], { classes: idxBrokerClasses, shortDays: 1, longDays: 1 });
  expect(flow.refused).toBe(0);
  const { groups } = flow.long;
  expect(Object.values(groups).reduce((sum, group) => sum + group.netShares, 0)).toBe(0);
  expect(Object.values(groups).reduce((sum, group) => sum + group.buyShares, 0)).toBe(374_643_000);
  expect(flow.component.quality).toBe('measured');
});
