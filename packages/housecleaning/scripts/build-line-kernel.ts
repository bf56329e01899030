/** Compiles `wasm/index.ts` into `src/internal/line-kernel-bytes.ts`: `node scripts/build-line-kernel.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

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

/** The bytes of the module; the same source gives the same bytes. */
export async function compileLineKernel(): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const said: string[] = [];
  const compiler = 'assemblyscript/asc';
  const { main } = (await import(compiler)) as Compiler;
  const result = await main(
    [
      'wasm/index.ts',
      ...['--baseDir', root, '--outFile', 'kernel.wasm', '--runtime', 'stub', '--enable', 'simd'],
      ...['--noAssert', '-O3', '--converge', '--initialMemory', '5', '--maximumMemory', '5'],
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

/** The module as a source file. */
function asSource(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,112}/g, "  '$&' +\n");
  return `// Made by scripts/build-line-kernel.ts from wasm/index.ts.\n\nexport const lineKernelBase64: string =\n${lines.slice(0, -3)};\n`;
}

if (process.argv[1] === import.meta.filename) {
  const bytes = await compileLineKernel();
  writeFileSync(`${root}src/internal/line-kernel-bytes.ts`, asSource(bytes));
  console.log(`src/internal/line-kernel-bytes.ts: ${bytes.length} bytes of WebAssembly`);
}
