import { journalKey, quarantineKey, rawPrefix } from '@tapekit/housecleaning/keys';
import { describe, expect, test } from 'vitest';
import { at, cell, cli, run, storeOf } from './internal/cli/ground.fixture.ts';
import { createFsStore } from './stores/fs.ts';

describe('a plan', () => {
  test('that was halted shows no consent', async () => {
    const root = await storeOf();
    await run(root, '--approve', 'first-run');
    const { code, text } = await cli('plan', ...at(root, 'other'));
    expect(code).toBe(3);
    expect(text).toContain('There is no plan to consent to. Mend what is said above, then plan again.');
    expect(text).not.toMatch(/--plan|would put|delete 0/);
    const json = JSON.parse((await cli('plan', ...at(root, 'other'), '--json')).text) as { hash: unknown };
    expect(json.hash).toBeNull();
  });

  test('that failed shows no consent', async () => {
    const root = await storeOf();
    // A journal that cannot be read ends every run before its first cell.
    await createFsStore({ root }).put(journalKey(1, 'x'), new TextEncoder().encode('{}'));
    const { code, text } = await cli('plan', ...at(root));
    expect([code, text]).toEqual([1, expect.stringContaining('Outcome: failed')]);
    expect(text).toContain('There is no plan to consent to.');
    expect(text).not.toMatch(/--plan|would put/);
  });

  test('of nothing to do does not consent to other options', async () => {
    const root = await storeOf();
    await run(root, '--approve', 'first-run');
    const { hash } = JSON.parse((await cli('plan', ...at(root), '--json')).text) as { hash: string };
    const { code, text } = await run(root, '--writers', 'overwriting', '--plan', hash);
    expect([code, text]).toEqual([3, expect.stringContaining('is not what a run with these options would do now')]);
    expect((await run(root, '--writers', 'overwriting')).code).toBe(3);
    expect((await run(root, '--plan', hash)).code).toBe(0);
  });
});

describe('an open quarantine', () => {
  test('ends every run and every report with 4, also where nothing is raw', async () => {
    const root = await storeOf();
    await run(root, '--approve', 'first-run');
    const store = createFsStore({ root });
    expect((await store.list({ prefix: rawPrefix })).objects).toEqual([]);
    const record = (state: string): Uint8Array => {
      const document = { schema: 'hc-quarantine/1', cell, state, reason: 'tried', runId: 'one' };
      return new TextEncoder().encode(JSON.stringify(document));
    };
    await store.put(quarantineKey(cell), record('open'));
    for (const argv of [
      ['run', ...at(root)],
      ['run', ...at(root), '--threads', '2'],
      ['run', ...at(root), 'BETA/2024-08-08'],
      ['plan', ...at(root)],
      ['report', '--store', root],
    ]) {
      const { code, text } = await cli(...argv);
      expect([argv[0], code, text]).toEqual([argv[0], 4, expect.stringContaining(`${cell.symbol}/${cell.date}`)]);
      expect(text).toContain('Quarantined; read');
    }
    await store.put(quarantineKey(cell), record('resolved'));
    expect([(await run(root)).code, (await cli('report', '--store', root)).code]).toEqual([0, 0]);
  });
});
