/** A Worker that imports the kernel as a module, the only way that workerd has. */
import kernel from '@tapekit/footprint/kernel.wasm';
import { createFootprintKernel } from '@tapekit/footprint/wasm';
import { checksum } from './checksum.ts';

const functions = createFootprintKernel(kernel);

export default {
  fetch: (): Response => Response.json(checksum(functions)),
};
