// Compiles the kernels from AssemblyScript into TypeScript files that hold them as base64.
// `node scripts/build-kernel.mjs` writes them; the tests of the kernels import `compileKernel` and compare.
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src')
/** Folder, name of the files, and name of what they export. */
export const kernels = /** @type {const} */ ({
  profile: ['profile', 'kernel', 'kernelWasm'],
  forest: ['detectors/rows', 'forest-kernel', 'forestKernelWasm'],
})

/** The text of a kernel's .wasm.ts as its source gives it now. */
export async function compileKernel(kernel = kernels.profile) {
  const [folder, name, exported] = kernel
  const file = `${name}.assemblyscript.ts`
  const options = ['--runtime', 'stub', '--optimizeLevel', '3', '--noAssert']
  const limits = ['--initialMemory', '1', '--maximumMemory', '65536']
  let wasm
  // AssemblyScript asks for its sources by name; only ours is on disk, its library is built in.
  const { error, stderr } = await asc.main([file, '--outFile', 'kernel.wasm', ...options, ...limits], {
    readFile: (name) => readFile(path.join(source, folder, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = Buffer.from(contents)
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`The kernel does not compile: ${error.message}\n${stderr.toString()}`)
  return `/** Compiled from ${file} by scripts/build-kernel.mjs: do not edit. */\nexport const ${exported} =\n  '${wasm.toString('base64')}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const kernel of Object.values(kernels)) {
    const target = path.join(source, kernel[0], `${kernel[1]}.wasm.ts`)
    writeFileSync(target, await compileKernel(kernel))
    console.log(`wrote ${path.relative(process.cwd(), target)}`)
  }
