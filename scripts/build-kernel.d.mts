/** Folder, name of the files, and name of what they export. */
type Kernel = readonly [folder: string, name: string, exported: string]
export const kernels: { readonly profile: Kernel; readonly forest: Kernel }
/** The text of a kernel's .wasm.ts as its source gives it now; of the profile's by default. */
export function compileKernel(kernel?: Kernel): Promise<string>
