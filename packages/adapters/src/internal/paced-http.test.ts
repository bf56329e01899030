import { expect, test } from 'vitest';
import { pacedHttp } from './paced-http.ts';
import { scriptedHttp } from './scripted-http.fixture.ts';

test('a clock that is set back by an hour makes no client wait for an hour', async () => {
  let now = 5_000_000;
  const waits: number[] = [];
  const http = pacedHttp(scriptedHttp(['1', '2', '3']), {
    minIntervalMs: 1_000,
    now: () => now,
    wait: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  });
  await http.send({ url: 'https://api.example.com/' });
  now += 400;
  await http.send({ url: 'https://api.example.com/' });
  now -= 3_600_000;
  await http.send({ url: 'https://api.example.com/' });
  // What passed up to the step is known; from there on the interval counts.
  expect(waits).toEqual([600, 1_000]);
});
