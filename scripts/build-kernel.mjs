// Compiles the profile's kernel from AssemblyScript into a TypeScript file that holds it as base64.
// `node scripts/build-kernel.mjs` writes it; the test of the kernel imports `compileKernel` and compares.
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../src/profile')
const SOURCE = 'kernel.assemblyscript.ts'
const TARGET = 'kernel.wasm.ts'

/** The text of kernel.wasm.ts as the source gives it now. */
export async function compileKernel() {
  const options = ['--runtime', 'stub', '--optimizeLevel', '3', '--noAssert']
  const limits = ['--initialMemory', '1', '--maximumMemory', '65536']
  let wasm
  // AssemblyScript asks for its sources by name; only ours is on disk, its library is built in.
  const { error, stderr } = await asc.main([SOURCE, '--outFile', 'kernel.wasm', ...options, ...limits], {
    readFile: (name) => readFile(path.join(folder, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = Buffer.from(contents)
    },
    listFiles: () => [],
  })
  if (error) throw new Error(`The kernel does not compile: ${error.message}\n${stderr.toString()}`)
  return `/** Compiled from ${SOURCE} by scripts/build-kernel.mjs: do not edit. */\nexport const kernelWasm =\n  '${wasm.toString('base64')}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(path.join(folder, TARGET), await compileKernel())
  console.log(`wrote src/profile/${TARGET}`)
}
