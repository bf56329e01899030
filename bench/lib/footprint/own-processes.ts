/** Measurements that need a heap of their own. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './contest.ts';
import type { GrowthRun } from './growth.ts';
import type { Goal, GrowthForm } from './report.ts';
import type { WideBars } from './wide-bars.ts';

export interface Growth {
  readonly runs: readonly GrowthForm[];
  readonly missing: readonly string[];
  readonly goals: readonly Goal[];
}

/** Each form at each size, a process a run; sizes and forms take turns. */
export function growthRuns(sizes: readonly number[], rounds: number): Growth {
  const forms = [
    ['objects', '`createTimeBars`, `pushTicks`'],
    ['columns', '`createColumnBars`, blocks of 16,384'],
  ] as const;
  const found = new Map<string, GrowthRun[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const size of sizes) {
      for (const [form] of forms) {
        const run = inProcess<GrowthRun | null>('growth.ts', [String(size), form]);
        if (!run) continue;
        const key = `${form} ${size}`;
        found.set(key, [...(found.get(key) ?? []), run]);
      }
    }
  }
  const runs = forms
    .filter(([form]) => found.has(`${form} ${sizes[0]}`))
    .map(([form, name]) => ({ form: name, runs: sizes.map((size) => middleRun(found.get(`${form} ${size}`)!)) }));
  return {
    runs,
    missing: forms
      .filter(([form]) => !found.has(`${form} ${sizes[0]}`))
      .map(([, name]) => `${name} (not in this checkout)`),
    goals: runs.flatMap(({ form, runs }) => {
      const [first, last] = [runs[0]!, runs[runs.length - 1]!];
      return [
        {
          name: `growth: ${form}, time of a trade, largest tape ÷ smallest`,
          value: last.nsPerTrade / first.nsPerTrade,
          goal: 1.2,
          most: true,
        },
        {
          name: `growth: ${form}, bytes more at most for a further trade`,
          value: (last.highBytes - first.highBytes) / (last.trades - first.trades),
          goal: 1,
          most: true,
        },
      ];
    }),
  };
}

export function wideBarRun(): WideBars {
  return inProcess<WideBars>('wide-bars.ts', []);
}

function middleRun(runs: readonly GrowthRun[]): GrowthRun {
  return {
    ...runs[0]!,
    nsPerTrade: median(runs.map(({ nsPerTrade }) => nsPerTrade)),
    highBytes: median(runs.map(({ highBytes }) => highBytes)),
  };
}

function inProcess<Result>(script: string, args: readonly string[]): Result {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const run = spawnSync(process.execPath, ['--expose-gc', '--conditions=source', path, ...args], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`${script} failed:\n${run.stderr}`);
  return JSON.parse(run.stdout) as Result;
}
