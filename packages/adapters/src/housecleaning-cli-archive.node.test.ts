import { readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveKey, manifestPrefix, parseRawKey, rawPrefix } from '@tapekit/housecleaning/keys';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { createFsStore } from './stores/fs.ts';
import { bindCard, cli, date, inFolder, keysOf, lineOf, run, storeOf } from './internal/cli/days.fixture.ts';

describe('an archive', () => {
  test('is verified, read and restored', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    const raw = await keysOf(root, `${rawPrefix}ALPHA/`);
    await cli(run(root));
    const verified = await cli(['verify', '--store', root]);
    expect([verified.code, verified.out]).toEqual([
      0,
      `ALPHA/${date}  proven, 2 objects, 3 records\nBETA/${date}  proven, 2 objects, 3 records\n2 of 2 archives are proven.\n`,
    ]);
    const sampled = await cli(['verify', '--store', root, '--sample', '0.01']);
    expect([sampled.code, sampled.out.split('\n').at(-2)]).toEqual([0, '1 of 1 archives are proven.']);
    const read = await cli(['read', `ALPHA/${date}`, '--store', root]);
    expect(read.out).toBe([0, 1, 2].map((i) => `${lineOf('ALPHA', i)}\n`).join(''));
    const check = await cli(['restore', `ALPHA/${date}`, '--store', root, '--check', '--json']);
    expect([check.code, JSON.parse(check.out)]).toEqual([
      0,
      { restored: 2, present: 0, differs: 0, superseded: 0, differing: [] },
    ]);
    expect(await keysOf(root, rawPrefix)).toEqual([]);
    expect((await cli(['restore', `ALPHA/${date}`, '--store', root])).code).toBe(0);
    expect(await keysOf(root, rawPrefix)).toEqual(raw);
    expect(raw.every((key) => parseRawKey(key))).toBe(true);
    const drill = await cli(['restore', `BETA/${date}`, '--store', root, '--to', 'drill/']);
    expect([drill.code, (await keysOf(root, 'drill/')).length]).toEqual([0, 2]);
  });

  test('is proven offline from two files', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const archive = join(root, archiveKey({ symbol: 'ALPHA', date }));
    const manifests = join(root, manifestPrefix, 'ALPHA', date);
    const manifest = join(manifests, (await readdir(manifests))[0]!);
    const proven = await cli(['verify', '--archive', archive, '--manifest', manifest]);
    expect([proven.code, proven.out]).toEqual([0, `${archive}  proven, 2 objects, 3 records\n`]);

    const damaged = inFolder('damaged.gz');
    const bytes = await readFile(archive);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(damaged, bytes);
    const refused = await cli(['verify', '--archive', damaged, '--manifest', manifest]);
    expect([refused.code, refused.out.includes('NOT PROVEN')]).toEqual([4, true]);
  });

  test('that is damaged is not proven, is explained, and can be put right from its stage', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const path = join(root, archiveKey({ symbol: 'ALPHA', date }));
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    expect((await cli(['verify', '--store', root])).code).toBe(4);
    const cell = `ALPHA/${date}`;
    const explained = await cli(['explain', cell, '--store', root, '--env', 'test']);
    expect(explained.out).toContain(`${cell} is `);
    expect(explained.out).toContain('Next: ');
  });

  test('that is damaged in place and healed is told, with what was replaced by what', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const path = join(root, archiveKey({ symbol: 'ALPHA', date }));
    // Rot keeps the times of a file.
    const { atimeNs, mtimeNs } = await stat(path, { bigint: true });
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes);
    await utimes(path, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9);
    await bindCard(root, archiveKey({ symbol: 'ALPHA', date }));
    const healed = await cli([...run(root), `ALPHA/${date}`]);
    expect([healed.code, healed.out]).toEqual([
      0,
      expect.stringMatching(
        /! Healed: the archive \(etag [0-9a-f]{64}, [\d,]+ bytes\) was replaced from "housecleaning\/v1\/stage\//,
      ) as string,
    ]);
    expect(healed.out).toContain('; 1 archives healed: look at what is said of each');
    expect(healed.err).toContain(`1/1 ALPHA/${date} archived, healed`);
    expect((await cli(['report', '--store', root])).out).toContain('! Healed: ');
    expect((await cli(['verify', '--store', root])).code).toBe(0);
  });

  test('of a folder that was copied without its metadata is named again by a run', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    await rm(join(root, '.tapekit-meta'), { recursive: true });
    expect((await cli(['verify', '--store', root])).code).toBe(4);
    const named = await cli([...run(root), `ALPHA/${date}`]);
    expect([named.code, named.out]).toEqual([
      0,
      expect.stringContaining('names its manifest again, its bytes are unchanged') as string,
    ]);
    expect((await cli(['verify', '--store', root])).code).toBe(0);
  });

  test('that was rolled back is read, exported and told', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const store = createFsStore({ root });
    const key = archiveKey({ symbol: 'ALPHA', date });
    const { metadata } = (await store.head(key))!;
    const first = await (await store.get(key))!.bytes();
    const read = ['read', `ALPHA/${date}`, '--store', root];
    await store.put(`${rawPrefix}ALPHA/${date}/late.jsonl`, new TextEncoder().encode(`${lineOf('ALPHA', 3)}\n`));
    await cli(run(root));
    const whole = await cli(read);
    expect([whole.code, whole.err, whole.out.trim().split('\n')]).toEqual([
      0,
      '',
      [0, 1, 2, 3].map((i) => lineOf('ALPHA', i)),
    ]);
    await store.put(key, first, { metadata });
    const rolledBack = await cli(read);
    expect([rolledBack.code, rolledBack.out.trim().split('\n').length]).toEqual([0, 3]);
    const hint =
      /^The archive of ALPHA 2024-08-08 is of generation 1, though manifest ".*" is of generation 2: .*verify\)\.\n$/;
    expect(rolledBack.err).toMatch(hint);
    const exported = await cli([
      'export',
      `ALPHA/${date}`,
      '--store',
      root,
      '--to',
      inFolder('a.parquet'),
      '--columns',
      'p:text',
    ]);
    expect([exported.code, exported.err]).toEqual([0, expect.stringMatching(hint)]);
  });

  test('that is gone is missed by verify and explain, and published again by a run of the cell', async () => {
    const root = await storeOf('ALPHA', 'BETA');
    await cli(run(root));
    await rm(join(root, archiveKey({ symbol: 'ALPHA', date })));
    const missed = await cli(['verify', '--store', root, '--sample', '0.01']);
    expect(missed.code).toBe(4);
    expect(missed.out).toMatch(
      /^ALPHA\/\S+ {2}NOT PROVEN: There is no archive, though manifest "[^"]+" says that there was one/m,
    );
    const explained = await cli(['explain', '--store', root, `ALPHA/${date}`, '--env', 'test']);
    expect(explained.out).toContain('says that there was one');
    expect((await cli(['read', `ALPHA/${date}`, '--store', root])).err).toContain('verify');
    const named = ['--store', root, '--env', 'test', `ALPHA/${date}`];
    expect((await cli(['plan', ...named])).out).toMatch(
      /! To be healed: the archive is gone and would be published again from "housecleaning/,
    );
    const healed = await cli([...run(root), `ALPHA/${date}`]);
    expect([healed.code, healed.out]).toEqual([
      0,
      expect.stringMatching(/! Healed: the archive was gone and was published again from "housecleaning/) as string,
    ]);
    expect((await cli(['verify', '--store', root])).out).toContain('2 of 2 archives are proven.');
  });

  test('whose staged copy is gone is proven with a warning, until a run of the cell puts it there again', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    await rm(join(root, 'housecleaning/v1/stage'), { recursive: true });
    const warned = await cli(['verify', '--store', root]);
    expect([warned.code, warned.out]).toEqual([
      0,
      expect.stringMatching(/^ {2}! its staged copy ".*" is gone/m) as string,
    ]);
    const staged = await cli([...run(root), `ALPHA/${date}`]);
    expect([staged.code, staged.out]).toEqual([0, expect.stringContaining('! Its staged copy was gone') as string]);
    expect((await cli(['verify', '--store', root])).out).not.toContain('!');
  });

  test('that was restored from its staged copy says what was published over what', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const key = archiveKey({ symbol: 'ALPHA', date });
    const bytes = await readFile(join(root, key));
    const [manifest = ''] = await keysOf(root, manifestPrefix);
    const document = await readFile(join(root, manifest));
    await rm(join(root, manifest));
    expect((await cli([...run(root), `ALPHA/${date}`])).code).toBe(4);
    const restore = [
      'resolve',
      `ALPHA/${date}`,
      '--store',
      root,
      '--env',
      'test',
      '--restore-from-stage',
      '--by',
      'ana',
    ];
    const refused = await cli(restore);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('no staged copy can be restored') as string,
    ]);
    expect(await readFile(join(root, key))).toEqual(bytes);
    await rm(join(root, key));
    await writeFile(join(root, manifest), document);
    const restored = await cli(restore);
    expect([restored.code, restored.out]).toEqual([
      0,
      expect.stringMatching(
        /^Generation 1 was published from "housecleaning\/v1\/stage\/[^"]+" where no archive lay\.$/m,
      ) as string,
    ]);
    expect(await readFile(join(root, key))).toEqual(bytes);
  });

  test('is exported as Parquet, and what does not fit is told', async () => {
    const root = await storeOf('ALPHA');
    await cli(run(root));
    const to = inFolder('alpha.parquet');
    const made = await cli([
      'export',
      `ALPHA/${date}`,
      '--store',
      root,
      '--to',
      to,
      '--columns',
      'T:integer,price=p:decimal(1)',
    ]);
    expect([made.code, made.out.startsWith('3 rows, ')]).toEqual([0, true]);
    const file = await asyncBufferFromFile(to);
    expect(await parquetReadObjects({ file })).toEqual(
      [10, 10.1, 10.2].map((price, i) => ({ T: BigInt(i), price: expect.closeTo(price, 9) as number })),
    );
    const narrow = await cli(['export', `ALPHA/${date}`, '--store', root, '--to', to, '--columns', 'p:decimal(0)']);
    expect([narrow.code, narrow.err]).toEqual([
      5,
      expect.stringContaining('Line 2 is left out: out-of-range in column p') as string,
    ]);
    expect((await cli(['export', `ALPHA/${date}`, '--store', root, '--to', to, '--columns', 'p:float'])).code).toBe(2);
  });

  test('that does not exist is told', async () => {
    const root = await storeOf();
    const { code, err } = await cli(['read', `ALPHA/${date}`, '--store', root]);
    expect([code, err.includes('nothing of ALPHA 2024-08-08')]).toEqual([1, true]);
    expect((await cli(['verify', '--store', root])).out).toBe(
      'There are no archives, nor anything that tells of one: 0 of 0 archives are proven.\n',
    );
    expect((await cli(['report', '--store', root])).code).toBe(5);
  });
});
