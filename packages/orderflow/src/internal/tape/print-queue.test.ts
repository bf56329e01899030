import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPrintQueue } from './print-queue.ts';
import type { PrintRow } from './print-queue.ts';

test('keeps prints in order of time, equal times in order of arrival, however it grows, wraps and shrinks', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat({ max: 9 })), { maxLength: 120 }), (steps) => {
      let queue = createPrintQueue();
      let model: PrintRow[] = [];
      steps.forEach((timeMs, i) => {
        if (timeMs === null) {
          if (model.length > 0) expect(queue.shift()).toEqual(model.shift());
        } else {
          queue.insert(timeMs, i, 1, -1);
          // Array sorting is stable, as the queue must be.
          model = [...model, [timeMs, i, 1, -1] as const].sort((a, b) => a[0] - b[0]);
        }
        expect([queue.size, queue.rows()]).toEqual([model.length, model]);
        if (model[0]) expect([queue.oldestMs(), queue.oldestTicks()]).toEqual([model[0][0], model[0][1]]);
        if (i % 17 === 16) queue = createPrintQueue(queue.rows());
      });
    }),
  );
});
