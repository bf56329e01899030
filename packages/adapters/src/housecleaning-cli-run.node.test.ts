import { readFile, writeFile } from 'node:fs/promises';
import { rawPrefix } from '@tapekit/housecleaning/keys';
import type { SanityReport } from '@tapekit/housecleaning/housecleaning';
import { describe, expect, test } from 'vitest';
import { cli, createTapeWriterLine, date, inFolder, keysOf, run, storeOf } from './internal/cli/days.fixture.ts';

describe('plan and run', () => {
  test('archive, prove and prune; the second run finds nothing to do', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    const first = await cli([...run(root), '--json']);
    expect(first.code).toBe(0);
    const report = JSON.parse(first.out) as SanityReport;
    expect(
      report.cells.map(({ symbol, state, lines, deletedSources }) => [symbol, state, lines, deletedSources]),
    ).toEqual([
      ['ALPHA', 'archived', 3, 2],
      ['BETA', 'archived', 3, 2],
    ]);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
    expect(first.err).toContain(`2/2 BETA/${date} archived`);

    const second = await cli(run(root));
    expect([second.code, second.out]).toEqual([0, expect.stringContaining('Outcome: ok') as string]);
    const told = await cli(['report', '--store', root]);
    expect([told.code, told.out]).toEqual([0, expect.stringContaining('hours old') as string]);
  });

  test('a store that was never cleaned needs consent', async () => {
    const root = await storeOf('ALPHA');
    const { code } = await cli(['run', '--store', root, '--env', 'test']);
    expect(code).toBe(3);
    expect(await keysOf(root, 'raw_tns_compressed/ALPHA')).toEqual([]);
  });

  test('a plan is done as it was, or not at all', async () => {
    const root = await storeOf('ALPHA');
    const limits = ['--store', root, '--env', 'test', '--min-age', 'PT0S', '--immediate'];
    const { hash } = JSON.parse((await cli(['plan', ...limits, '--json'])).out) as { hash: string };
    expect(await keysOf(root, 'raw_tns_compressed/')).toEqual([]);
    await createTapeWriterLine(root, 'ALPHA', 3);
    const refused = await cli(['run', ...limits, '--plan', hash]);
    expect([refused.code, await keysOf(root, 'raw_tns_compressed/ALPHA')]).toEqual([3, []]);

    const again = JSON.parse((await cli(['plan', ...limits, '--json'])).out) as { hash: string };
    expect(again.hash).not.toBe(hash);
    expect((await cli(['run', ...limits, '--plan', again.hash])).code).toBe(0);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
  });

  test('threads make the same archives and the same report', async () => {
    const symbols = ['ALPHA', 'BETA', 'GAMMA', 'DELTA'];
    const [one, many] = [await storeOf(...symbols), await storeOf(...symbols)];
    const alone = JSON.parse((await cli([...run(one), '--json', '--bucket-id', 'b'])).out) as SanityReport;
    const spread = await cli([...run(many), '--json', '--bucket-id', 'b', '--threads', '3']);
    const report = JSON.parse(spread.out) as SanityReport;
    expect(spread.code).toBe(0);
    const cellsOf = ({ cells }: SanityReport): unknown =>
      cells
        .map(({ symbol, state, lines, sha256, deletedSources }) => [symbol, state, lines, sha256, deletedSources])
        .sort();
    expect(cellsOf(report)).toEqual(cellsOf(alone));
    expect(report.totals.deletedSources).toBe(8);
    expect(await keysOf(many, rawPrefix)).toEqual([]);
    expect(spread.err.split('\n').filter((line) => line.includes('archived'))).toHaveLength(4);
  });

  test('a terminal gets one line that is rewritten, and --quiet none', async () => {
    const shown = await cli(run(await storeOf('ALPHA')), {}, true);
    expect(shown.err).toContain('█');
    expect(shown.err).not.toContain('\n');
    expect(shown.err.endsWith('\r\u001B[2K')).toBe(true);
    expect((await cli([...run(await storeOf('ALPHA')), '--quiet'])).err).toBe('');
  });
});

describe('a store that cannot be reached', () => {
  test('is named with its cause, as text and as JSON', async () => {
    // Nobody answers there: the system gives such a port to no one, as it may one that was free a moment ago.
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:2', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const argv = ['run', '--store', 's3://tapekit', '--env', 'test'];
    const told = await cli(argv, env);
    expect(told.code).toBe(1);
    expect(told.err).toContain('The run ended "failed". GET "housecleaning/v1/env.json" got no answer');
    expect(told.err).toContain('ECONNREFUSED');
    const { code, out } = await cli([...argv, '--json'], env);
    const document = JSON.parse(out) as { error: { code: string; message: string }; report: SanityReport };
    expect([code, document.error.code, document.report.run.outcome]).toEqual([1, 'report-not-written', 'failed']);
    expect(document.error.message).toContain('ECONNREFUSED');
  });
});

describe('prune', () => {
  const env = { TAPEKIT_DELETE_SECRET: 'a secret of thirty-two characters' };

  test('needs a secret, rules, and the token of its plan', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const config = inFolder('retention.json');
    const rules = [{ what: 'objects', prefix: 'exports/daily/', olderThan: 'P1D', keepLast: 0, writers: 'write-once' }];
    await writeFile(config, JSON.stringify({ env: 'test', retention: { allow: ['exports/'], rules } }));
    const to = inFolder('plan.json');
    const make = ['prune', '--store', root, '--config', config, '--to', to];
    expect((await cli(make)).err).toContain('TAPEKIT_DELETE_SECRET is not set');
    const made = await cli(make, env);
    expect([made.code, made.err]).toEqual([0, '']);
    expect(made.out).toContain('0 objects');
    expect(await readFile(to, 'utf8')).not.toContain('token');
    const token = /TAPEKIT_DELETE_TOKEN=(\S+)/.exec(made.out)![1]!;

    const carry = ['prune', '--store', root, '--plan', to];
    expect((await cli(carry, env)).err).toContain('TAPEKIT_DELETE_TOKEN is not set');
    const foreign = await cli(carry, { ...env, TAPEKIT_DELETE_TOKEN: 'x' });
    expect([foreign.code, foreign.err.includes('its token is not of this plan')]).toEqual([3, true]);
    const done = await cli(carry, { ...env, TAPEKIT_DELETE_TOKEN: token });
    expect([done.code, done.out]).toEqual([0, '0 deleted (0 B), 0 were gone, 0 are left.\n']);
  });
});
