import type { GraphNode } from './graph.ts'

/** The node of that name among these and in the bodies of conditions, whose steps are known outside of them. */
export function findNode(nodes: readonly GraphNode[], name: string): GraphNode | undefined {
  for (const node of nodes) {
    if (node.name === name) return node
    const inner = node.kind === 'condition' ? findNode(node.body, name) : undefined
    if (inner) return inner
  }
  return undefined
}
