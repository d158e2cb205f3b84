/** The text of src/profile/kernel.wasm.ts as its source compiles now. */
export function compileKernel(): Promise<string>
