// AssemblyScript, not TypeScript: compiled by scripts/build-kernel.mjs into forest-kernel.wasm.ts.
// Every pointer is a byte offset into the module's own memory, laid out by forest-kernel.ts. No runtime, no allocation.
//
// A node is 16 bytes: offset of its feature in a row (u32, bytes; the lowest bit says that rows without the feature go
// right), threshold (f32), address of its left child (u32; the right one follows it), depth (f32). A leaf has an infinite
// threshold and itself as left child, so that a row which has arrived stays.

@inline function step(node: usize, row: usize): usize {
  const value = load<f32>(row + (load<u32>(node) & ~1))
  return load<u32>(node, 8) + (usize(value > load<f32>(node, 4)) << 4)
}

@inline function stepMissing(node: usize, row: usize): usize {
  const feature = load<u32>(node)
  const value = load<f32>(row + (feature & ~1))
  const isRight = value > load<f32>(node, 4) || (value != value && (feature & 1) != 0)
  return load<u32>(node, 8) + (usize(isRight) << 4)
}

/**
 * Adds the path length of each row in each tree to its sum. Eight rows go down a tree together, four levels at a time,
 * until none moves: their loads do not wait for each other.
 *
 * `roots`: addresses of the trees (u32). `rows`: float32, `stride` bytes each; `count` is a multiple of 8.
 */
export function addPaths(roots: usize, trees: i32, rows: usize, stride: usize, count: i32, sums: usize): void {
  for (let t = 0; t < trees; t++) {
    const root = load<u32>(roots + (usize(t) << 2))
    let row = rows
    let sum = sums
    const end = sums + (usize(count) << 2)
    while (sum < end) {
      const r1 = row + stride
      const r2 = r1 + stride
      const r3 = r2 + stride
      const r4 = r3 + stride
      const r5 = r4 + stride
      const r6 = r5 + stride
      const r7 = r6 + stride
      let a: usize = root
      let b: usize = root
      let c: usize = root
      let d: usize = root
      let e: usize = root
      let f: usize = root
      let g: usize = root
      let h: usize = root
      let before: usize = 0
      let after: usize = 1
      while (before != after) {
        before = a + b + c + d + e + f + g + h
        for (let level = 0; level < 4; level++) {
          a = step(a, row)
          b = step(b, r1)
          c = step(c, r2)
          d = step(d, r3)
          e = step(e, r4)
          f = step(f, r5)
          g = step(g, r6)
          h = step(h, r7)
        }
        after = a + b + c + d + e + f + g + h
      }
      store<f32>(sum, load<f32>(sum) + load<f32>(a, 12))
      store<f32>(sum, load<f32>(sum, 4) + load<f32>(b, 12), 4)
      store<f32>(sum, load<f32>(sum, 8) + load<f32>(c, 12), 8)
      store<f32>(sum, load<f32>(sum, 12) + load<f32>(d, 12), 12)
      store<f32>(sum, load<f32>(sum, 16) + load<f32>(e, 12), 16)
      store<f32>(sum, load<f32>(sum, 20) + load<f32>(f, 12), 20)
      store<f32>(sum, load<f32>(sum, 24) + load<f32>(g, 12), 24)
      store<f32>(sum, load<f32>(sum, 28) + load<f32>(h, 12), 28)
      row = r7 + stride
      sum += 32
    }
  }
}

/** The same, one row at a time, for rows with missing features. */
export function addPathsMissing(roots: usize, trees: i32, rows: usize, stride: usize, count: i32, sums: usize): void {
  for (let t = 0; t < trees; t++) {
    const root = load<u32>(roots + (usize(t) << 2))
    for (let i = 0; i < count; i++) {
      const row = rows + usize(i) * stride
      let node: usize = root
      let next = stepMissing(node, row)
      while (next != node) {
        node = next
        next = stepMissing(node, row)
      }
      const sum = sums + (usize(i) << 2)
      store<f32>(sum, load<f32>(sum) + load<f32>(node, 12))
    }
  }
}
