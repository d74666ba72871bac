// Prints a graph so that a person can read it and a test can snapshot it.
import { partsOf, requireGraph, type Graph } from './graph.ts'
import type { Attributes } from './op.ts'
import type { Region } from './region.ts'
import { formatType, type Tensor } from './tensor.ts'

function formatConstant(tensor: Tensor): string {
  const data = tensor.leaf?.data
  const print = (value: number) =>
    tensor.dtype === 'bool' ? String(value !== 0) : String(Number(value.toPrecision(6)))
  if (data && data.length === 1) return print(data[0] ?? 0)
  if (data && data.length > 0 && data.every(value => value === data[0])) return `full(${print(data[0] ?? 0)})`
  return 'constant'
}

function formatAttributes(attributes: Attributes): string {
  // Switches that are off say nothing.
  const entries = Object.entries(attributes).filter(([, value]) => value !== false)
  if (entries.length === 0) return ''
  const text = (value: Attributes[string]) => (Array.isArray(value) ? `[${value.join(', ')}]` : String(value))
  return ` {${entries.map(([key, value]) => `${key}: ${text(value)}`).join(', ')}}`
}

/** Prints a graph and the regions inside it; all tensors are numbered together. */
class Printer {
  readonly #names = new Map<Tensor, string>()
  readonly #lines: string[] = []
  #count = 0

  #nameOf(tensor: Tensor): string {
    return this.#names.get(tensor) ?? '?'
  }

  #number(tensor: Tensor): string {
    const name = `%${this.#count++}`
    this.#names.set(tensor, name)
    return name
  }

  #leaf(leaf: Tensor, indent: string): void {
    if (this.#names.has(leaf)) return
    const text = formatConstant(leaf)
    if (text !== 'constant' && leaf.size === 1) this.#names.set(leaf, text)
    else this.#lines.push(`${indent}${this.#number(leaf)} = ${text} : ${formatType(leaf)}`)
  }

  /** The lines of a region, its head and its end included. */
  region(head: string, { inputs, outputs }: Region, indent = ''): void {
    inputs.forEach((leaf, index) => this.#names.set(leaf, leaf.leaf?.name ?? `${leaf.leaf?.kind ?? 'input'}${index}`))
    const parameters = inputs.map(leaf => `${this.#nameOf(leaf)}: ${formatType(leaf)}`).join(', ')
    this.#lines.push(`${indent}${head}(${parameters}) {`)
    const inner = `${indent}  `
    for (const part of partsOf(outputs)) {
      if (part.leaf) {
        this.#leaf(part.leaf, inner)
        continue
      }
      const { op, inputs: operands, attributes, regions } = part.application
      const names = operands.map(operand => this.#nameOf(operand)).join(', ')
      const call = `${op.name}(${names})${formatAttributes(attributes)}`
      const made = part.outputs.flatMap((output, i) =>
        output ? [{ output, number: part.outputs.length > 1 ? `#${i}` : '' }] : [],
      )
      const results = made.map(({ output, number }) => `${this.#number(output)}${number}`).join(', ')
      this.#lines.push(`${inner}${results} = ${call} : ${made.map(({ output }) => formatType(output)).join(', ')}`)
      for (const region of regions) this.region('body', region, `${inner}  `)
    }
    this.#lines.push(`${inner}return ${outputs.map(output => this.#nameOf(output)).join(', ')}`, `${indent}}`)
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}

/**
 * The graph as text, one op a line:
 * ```
 * graph predict(x: float32[2, 3], w: float32[4, 3]) {
 *   %0 = matmul(x, w) {transposeA: false, transposeB: true} : float32[2, 4]
 *   return %0
 * }
 * ```
 * The outputs of an op with several are marked with their place, `%3#0, %4#1`; the body of a loop stands below its op.
 */
export function printGraph(graph: Graph): string {
  const printer = new Printer()
  printer.region(`graph ${requireGraph('printGraph', graph).name}`, graph)
  return printer.toString()
}
