/** The script of a worker thread: jobs in, answers out, one at a time. */
// eslint-disable-next-line no-restricted-imports -- runs as a thread of Node
import { parentPort } from 'node:worker_threads';
import { messageOfError } from './error-message.ts';
import type { Answer, Job } from './jobs.ts';
import { kernelOfPackage } from './kernel-file.ts';
import { createWork } from './work.ts';

const workOn = createWork(kernelOfPackage());

parentPort?.on('message', (job: Job) => {
  let answer: Answer;
  let buffers: ArrayBuffer[] = [];
  try {
    const [result, own] = workOn(job);
    answer = { ok: true, result };
    buffers = own;
  } catch (error) {
    answer = { ok: false, error: messageOfError(error) };
  }
  parentPort?.postMessage(answer, buffers);
});
