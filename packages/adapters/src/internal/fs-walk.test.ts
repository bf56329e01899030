import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListPage, StrayEntry } from '@tapekit/housecleaning/object-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFsStore } from '../stores/fs.ts';
import { withPrefix } from '../stores/prefix.ts';

let folder: string;
let count = 0;
const freshRoot = async (): Promise<string> => {
  const root = join(folder, `store-${++count}`);
  await mkdir(join(root, 'raw_tns/BTC/2024-08-08'), { recursive: true });
  return root;
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-walk-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const day = 'raw_tns/BTC/2024-08-08';
const link = 'a symbolic link, which is not followed';

/** Everything that all pages of this size say. */
async function listAll(root: string, limit: number, prefix = ''): Promise<{ keys: string[]; strays: StrayEntry[] }> {
  const store = createFsStore({ root });
  const keys: string[] = [];
  const strays: StrayEntry[] = [];
  let page: ListPage | undefined;
  do {
    page = await store.list({ limit, prefix, ...(page?.cursor === undefined ? {} : { cursor: page.cursor }) });
    keys.push(...page.objects.map(({ key }) => key));
    strays.push(...(page.strays ?? []));
  } while (page.cursor !== undefined);
  return { keys, strays };
}

describe('a listing of a folder', () => {
  test('tells what is no object, once, whatever the size of its pages', async () => {
    const root = await freshRoot();
    for (const name of ['a', 'b\nc', 'd\\e', 'k', 'z']) await writeFile(join(root, day, name), name);
    await symlink('a', join(root, day, 'l1'));
    await symlink('..', join(root, day, 'l2'));
    await symlink('nowhere', join(root, day, 'zz'));
    const strays = [
      { name: `${day}/b\nc`, why: 'a name that is no key' },
      { name: `${day}/d\\e`, why: 'a name that is no key' },
      { name: `${day}/l1`, why: link },
      { name: `${day}/l2`, why: link },
      { name: `${day}/zz`, why: link },
    ];
    for (const limit of [1, 2, 3, 1_000]) {
      expect(await listAll(root, limit), `pages of ${limit}`).toEqual({
        keys: [`${day}/a`, `${day}/k`, `${day}/z`],
        strays,
      });
    }
    expect((await listAll(root, 1, `${day}/l`)).strays.map(({ name }) => name)).toEqual([`${day}/l1`, `${day}/l2`]);
    expect((await listAll(root, 1, 'elsewhere/')).strays).toEqual([]);
  });

  test('says nothing of strays where there are none', async () => {
    const root = await freshRoot();
    await writeFile(join(root, day, 'a'), 'a');
    expect(Object.keys(await createFsStore({ root }).list())).toEqual(['objects']);
  });

  test.runIf(process.platform === 'linux')('tells names that are no UTF-8, and their neighbours apart', async () => {
    const root = await freshRoot();
    const named = (...end: readonly number[]): Buffer =>
      Buffer.concat([Buffer.from(join(root, day, 'x')), Buffer.of(...end)]);
    // Both of the first are read as "x�", which is the honest name of the third.
    await writeFile(named(0xff), 'ff');
    await writeFile(named(0xfe), 'fe');
    await writeFile(join(root, day, 'x\ufffd'), 'honest');
    await mkdir(named(0xc3));
    const why = 'a name that is no UTF-8';
    expect(await listAll(root, 1)).toEqual({
      keys: [`${day}/x\ufffd`],
      strays: ['\\xc3', '\\xfe', '\\xff'].map((end) => ({ name: `${day}/x${end}`, why })),
    });
  });

  test.runIf(process.platform !== 'win32')('tells a socket', async () => {
    const root = await freshRoot();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(root, 's'), resolve));
    try {
      expect((await listAll(root, 10)).strays).toEqual([{ name: 's', why: 'neither a file nor a folder' }]);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('tells a link that hides all that was asked for', async () => {
    const root = join(folder, `store-${++count}`);
    await mkdir(root);
    await symlink(await freshRoot(), join(root, 'raw_tns'));
    expect((await listAll(root, 10, 'raw_tns/')).strays).toEqual([{ name: 'raw_tns', why: link }]);
  });

  test('names strays below a prefix as it names keys there', async () => {
    const root = await freshRoot();
    await symlink('a', join(root, day, 'l'));
    const { strays } = await withPrefix(createFsStore({ root }), 'raw_tns/BTC/').list();
    expect(strays).toEqual([{ name: '2024-08-08/l', why: link }]);
  });
});
