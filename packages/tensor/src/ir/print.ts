// Prints a graph so that a person can read it and a test can snapshot it.
import { topologicalOrder, type Graph } from './graph.ts'
import type { Attributes } from './op.ts'
import { formatType, type Tensor } from './tensor.ts'

function formatConstant(tensor: Tensor): string {
  const data = tensor.leaf?.data
  const print = (value: number) => (tensor.dtype === 'bool' ? String(value !== 0) : String(Number(value.toPrecision(6))))
  if (data && data.length === 1) return print(data[0] ?? 0)
  if (data && data.length > 0 && data.every(value => value === data[0])) return `full(${print(data[0] ?? 0)})`
  return 'constant'
}

function formatAttributes(attributes: Attributes): string {
  // Switches that are off say nothing.
  const entries = Object.entries(attributes).filter(([, value]) => value !== false)
  if (entries.length === 0) return ''
  return ` {${entries.map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`).join(', ')}}`
}

/**
 * The graph as text, one op a line:
 * ```
 * graph predict(x: float32[2, 3], w: float32[4, 3]) {
 *   %0 = matmul(x, w) {transposeA: false, transposeB: true} : float32[2, 4]
 *   return %0
 * }
 * ```
 */
export function printGraph(graph: Graph): string {
  const names = new Map<Tensor, string>()
  graph.inputs.forEach((leaf, index) => names.set(leaf, leaf.leaf?.name ?? `${leaf.leaf?.kind ?? 'input'}${index}`))
  const lines: string[] = []
  let count = 0
  const nameOf = (tensor: Tensor) => names.get(tensor) ?? '?'
  for (const node of topologicalOrder(graph.outputs)) {
    if (names.has(node)) continue
    if (!node.origin) {
      const text = formatConstant(node)
      if (text !== 'constant' && node.size === 1) {
        names.set(node, text)
        continue
      }
      names.set(node, `%${count++}`)
      lines.push(`  ${nameOf(node)} = ${text} : ${formatType(node)}`)
      continue
    }
    names.set(node, `%${count++}`)
    const { op, inputs, attributes } = node.origin
    lines.push(`  ${nameOf(node)} = ${op.name}(${inputs.map(nameOf).join(', ')})${formatAttributes(attributes)} : ${formatType(node)}`)
  }
  const parameters = graph.inputs.map(leaf => `${nameOf(leaf)}: ${formatType(leaf)}`).join(', ')
  return [`graph ${graph.name}(${parameters}) {`, ...lines, `  return ${graph.outputs.map(nameOf).join(', ')}`, '}'].join('\n')
}
