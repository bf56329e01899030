/** Compiles `wasm/*.ts` to `wasm/kernel.wasm`: `node scripts/build-kernel.ts`. The same sources give the same bytes. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Pages of 64 KiB: the fixed parts and a ladder of 18,000 ticks at first, one of 2^18 ticks at most (it doubles). */
const [initialPages, maximumPages] = [288, 640];

/** The part of the compiler that is used; its own types would bring another `console` into every file. */
interface Compiler {
  readonly main: (
    args: readonly string[],
    host: {
      readonly stderr: { write(text: unknown): boolean };
      writeFile(name: string, contents: Uint8Array | string): void;
    },
  ) => Promise<{ readonly error: Error | null }>;
}

/** The bytes of the module. */
export async function compileKernel(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const said: string[] = [];
  const compiler = 'assemblyscript/asc';
  const { main } = (await import(compiler)) as Compiler;
  const result = await main(
    [
      'wasm/index.ts',
      ...['--baseDir', root],
      ...['--outFile', 'kernel.wasm', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '-O3', '--converge'],
      ...['--initialMemory', String(initialPages), '--maximumMemory', String(maximumPages)],
    ],
    {
      stderr: { write: (text) => said.push(String(text)) > 0 },
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') bytes = Uint8Array.from(contents);
      },
    },
  );
  if (result.error || !bytes)
    throw new Error(`The kernel does not compile.\n${said.join('')}`, { cause: result.error });
  return bytes;
}

if (import.meta.main) {
  const bytes = await compileKernel();
  writeFileSync(`${root}wasm/kernel.wasm`, bytes);
  console.log(`wasm/kernel.wasm ${bytes.length} bytes`);
}
