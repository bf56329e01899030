/** The module itself, and the ways to it. */
import { compileKernel } from '@tapekit/tooling/compile-kernel';
import { describe, expect, test } from 'vitest';
import { kernelSource } from '../scripts/build-kernel.ts';
import { kernelBytes, kernelModule, language } from '../scripts/kernel/compiled.ts';
import { difference, seededTape } from '../scripts/kernel/sameness.ts';
import { footprintsOfColumns } from './footprint-columns.ts';
import { createFootprintKernel, loadKernel } from './wasm.ts';

const minute = { intervalMs: 60_000 };

describe('the module', () => {
  test('is what its sources compile to', async () => {
    expect(Buffer.from(await compileKernel(kernelSource)).equals(kernelBytes)).toBe(true);
  });

  test('needs nothing from its host', () => {
    expect(language.Module.imports(kernelModule())).toEqual([]);
  });

  test('comes as a module, an instance, bytes or the answer to a fetch', async () => {
    const module = kernelModule();
    const trades = seededTape(1000, 1);
    const expected = footprintsOfColumns(trades, minute);
    const copy = Uint8Array.from(kernelBytes).buffer;
    for (const each of [
      createFootprintKernel(module),
      createFootprintKernel(new language.Instance(module)),
      await loadKernel(copy),
      await loadKernel(new Response(copy)),
      await loadKernel(Promise.resolve(new Response(copy, { headers: { 'content-type': 'text/plain' } }))),
    ]) {
      expect(difference(each.footprintsOfColumns(trades, minute), expected)).toBeUndefined();
    }
  });

  test('anything else is refused', async () => {
    const empty = kernelModule(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
    for (const source of [{}, empty, new language.Instance(empty)]) {
      expect(() => createFootprintKernel(source)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    for (const source of [{}, kernelBytes, 'kernel.wasm', null, undefined]) {
      expect(() => createFootprintKernel(source as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    expect(() => createFootprintKernel({})).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Kernel "Object" is no compiled kernel. Pass the import of @tapekit/footprint/kernel.wasm of this version, or an instance of it.]`,
    );
    expect(() => createFootprintKernel(kernelBytes.subarray(0, 99))).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Kernel "Buffer of 99 bytes" is no compiled kernel. Pass bytes to loadKernel, which compiles them.]`,
    );
    for (const source of [null, undefined, 'kernel.wasm', 5, {}]) {
      await expect(loadKernel(source as never)).rejects.toMatchObject({ code: 'bad-option' });
    }
    await expect(loadKernel(undefined as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Kernel "Undefined" is neither bytes nor a Response. Pass the bytes of @tapekit/footprint/kernel.wasm, or the answer to a fetch of it.]`,
    );
    await expect(loadKernel(kernelModule() as never)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Kernel "WebAssembly.Module" is neither bytes nor a Response. It is compiled already: pass it to createFootprintKernel.]`,
    );
    await expect(loadKernel(Uint8Array.of(1, 2, 3))).rejects.toMatchObject({ code: 'bad-option' });
    await expect(loadKernel(new Response('', { status: 404 }))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: The fetch of kernel.wasm was answered with status "404". Serve the file, or check its address.]`,
    );
  });
});
