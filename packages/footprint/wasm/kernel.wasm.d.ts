/** The compiled kernel: a `WebAssembly.Module` where the runtime or bundler imports such files as modules (Workers). */
declare const kernel: object;
export default kernel;
