import { expect, test } from 'vitest';
import { createBarFlows } from './bar-flow.ts';

const at = (ofiLots: number) => () => ({ ofiLots, book: `book at ${ofiLots}` });

test('a bar has the flow since the bar before it', () => {
  const flows = createBarFlows<string>(3);
  expect(flows.of(0, at(100))).toMatchObject({ barOfiLots: 100, ofiLots: 100 });
  expect(flows.of(60, at(90))).toMatchObject({ barOfiLots: -10, ofiLots: 90 });
});

test('a revision keeps the flow of its bar, and takes none from the next one', () => {
  const flows = createBarFlows<string>(3);
  const closed = flows.of(0, at(100));
  expect(flows.of(0, at(107))).toBe(closed);
  expect(flows.of(60, at(110))).toMatchObject({ barOfiLots: 10, book: 'book at 110' });
});

test('an interval whose first trade came late has no flow of its own', () => {
  const flows = createBarFlows<string>(3);
  flows.of(0, at(1));
  flows.of(120, at(2));
  expect(flows.of(60, at(3))).toBeNull();
  expect(flows.of(180, at(5))).toMatchObject({ barOfiLots: 3 });
});
