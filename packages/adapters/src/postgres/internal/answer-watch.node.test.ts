import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createAnswerWatch } from './answer-watch.ts';

/** A server on a thread of its own, which answers with "ready for query" once it may (1), and tells when it did (0). */
const server = `
  const { createServer } = require('node:net');
  const { parentPort, workerData: answers } = require('node:worker_threads');
  const listening = createServer((socket) => {
    socket.on('data', () => {
      Atomics.wait(answers, 1, 0);
      socket.write(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]), () => {
        Atomics.store(answers, 0, 1);
        Atomics.notify(answers, 0);
      });
    });
  }).listen(0, '127.0.0.1', () => parentPort.postMessage(listening.address().port));`;

const simpleQuery = Uint8Array.of('Q'.charCodeAt(0), 0, 0, 0, 5, 0);

test('an answer that came while this thread was held up is read, though its time is over', async () => {
  const answers = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(server, { eval: true, workerData: answers });
  try {
    const [port] = (await once(worker, 'message')) as [number];
    const limitMs = 1_000;
    const watch = createAnswerWatch(limitMs)!;
    const socket = watch.socket({ host: ['127.0.0.1'], port: [port] });
    await once(socket, 'connect');
    const outcome = Promise.race([
      once(socket, 'data').then(([answer]) => (answer as Uint8Array)[0]),
      once(socket, 'error').then(([error]) => error as unknown),
    ]);
    socket.write(simpleQuery);
    // Behind the first look of the limit, which finds that the query has just gone.
    await delay(limitMs);
    // What is held up here goes on with the timers, before anything is read.
    await access('.');
    const start = performance.now();
    Atomics.store(answers, 1, 1);
    Atomics.notify(answers, 1);
    Atomics.wait(answers, 0, 0);
    while (performance.now() - start <= limitMs) continue;
    expect(await outcome).toBe('Z'.charCodeAt(0));
    socket.destroy();
  } finally {
    await worker.terminate();
  }
});
