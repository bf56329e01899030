/** A Worker that imports the kernel as a module, the only way that workerd has. */
import kernel from '../../wasm/kernel.wasm';
import { createFootprintKernel } from '../../src/wasm.ts';
import { checksum } from './checksum.ts';

const functions = createFootprintKernel(kernel);

export default {
  fetch: (): Response => Response.json(checksum(functions)),
};
