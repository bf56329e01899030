/** Compiles the AssemblyScript of a package. */

/** What is compiled. */
export interface KernelSource {
  /** Folder of the package, with `wasm/index.ts` in it. */
  readonly root: string;
  /** Pages of 64 KiB at first. */
  readonly initialPages: number;
  /** Pages of 64 KiB at most. */
  readonly maximumPages: number;
}

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
export async function compileKernel({ root, initialPages, maximumPages }: KernelSource): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  const said: string[] = [];
  const compiler = 'assemblyscript/asc';
  const { main } = (await import(compiler)) as Compiler;
  const result = await main(
    [
      'wasm/index.ts',
      ...['--baseDir', root, '--outFile', 'kernel.wasm', '--runtime', 'stub', '--enable', 'simd'],
      ...['--noAssert', '-O3', '--converge'],
      ...['--initialMemory', String(initialPages), '--maximumMemory', String(maximumPages)],
    ],
    {
      stderr: { write: (text) => said.push(String(text)) > 0 },
      writeFile: (_name, contents) => {
        if (typeof contents !== 'string') bytes = Uint8Array.from(contents);
      },
    },
  );
  if (result.error || !bytes) {
    throw new Error(`The kernel does not compile.\n${said.join('')}`, { cause: result.error });
  }
  return bytes;
}
