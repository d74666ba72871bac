// A graph as it is read for drawing: one tensor stands for all outputs of an op, and says what reads it.
import { formatShape, topologicalOrder, type Application, type Graph, type Tensor } from '@ddlf/tensor'

export const isOp = (tensor: Tensor): boolean => tensor.origin !== undefined
export const nameOf = ({ leaf }: Tensor): string => leaf?.name ?? leaf?.kind ?? ''
export const isWeight = ({ leaf }: Tensor): boolean => leaf?.kind === 'parameter' || leaf?.kind === 'buffer'

/** A graph whose ops with several outputs are one tensor each, the first that is read. */
export class GraphReading {
  readonly inputs: readonly Tensor[]
  readonly outputs: readonly Tensor[]
  /** All tensors, each after those that it reads. */
  readonly order: readonly Tensor[]
  readonly #leads = new Map<Application, Tensor>()
  readonly #readers = new Map<Tensor, Tensor[]>()

  constructor({ inputs, outputs }: Graph) {
    const all = topologicalOrder(outputs)
    for (const tensor of all)
      if (tensor.origin && !this.#leads.has(tensor.origin.application))
        this.#leads.set(tensor.origin.application, tensor)
    this.inputs = inputs
    this.outputs = outputs.map(output => this.#leadOf(output))
    this.order = all.filter(tensor => this.#leadOf(tensor) === tensor)
    for (const tensor of this.order) {
      for (const source of new Set(this.inputsOf(tensor)))
        this.#readers.set(source, [...(this.#readers.get(source) ?? []), tensor])
    }
  }

  #leadOf(tensor: Tensor): Tensor {
    return (tensor.origin && this.#leads.get(tensor.origin.application)) ?? tensor
  }

  inputsOf({ inputs }: Tensor): readonly Tensor[] {
    return inputs.map(input => this.#leadOf(input))
  }

  readersOf(tensor: Tensor): readonly Tensor[] {
    return this.#readers.get(tensor) ?? []
  }

  /** All tensors that the given ones depend on, themselves included. */
  ancestors(tensors: readonly Tensor[]): ReadonlySet<Tensor> {
    return new Set(topologicalOrder(tensors).map(tensor => this.#leadOf(tensor)))
  }

  /** The tensors that depend on a leaf for which `holds` is true. */
  descendants(holds: (leaf: Tensor) => boolean): ReadonlySet<Tensor> {
    const found = new Set<Tensor>()
    for (const tensor of this.order) {
      if (isOp(tensor) ? this.inputsOf(tensor).some(source => found.has(source)) : holds(tensor)) found.add(tensor)
    }
    return found
  }
}

/** The number that all elements of a constant have. */
function constantOf({ leaf }: Tensor): number | undefined {
  const first = leaf?.kind === 'constant' ? leaf.data?.[0] : undefined
  return first !== undefined && leaf?.data?.every(value => value === first) === true ? first : undefined
}

/** How many ops a body holds, those of bodies inside it included. */
const opsIn = ({ op, regions }: Application): number =>
  regions.reduce(
    (total, { outputs }) => {
      const applications = new Set(topologicalOrder(outputs).flatMap(({ origin }) => origin?.application ?? []))
      return total + [...applications].reduce((sum, inner) => sum + opsIn(inner), 0)
    },
    op.name === 'scan' ? 0 : 1,
  )

/** `mul 0.9`, `sum over axis 0`, `matmul, left turned`, `scan 35 steps`. */
export function labelOf({ origin }: Tensor): string {
  if (!origin) return ''
  const { op, inputs, attributes } = origin.application
  const numbers = inputs.map(constantOf).filter(value => value !== undefined)
  const axes = attributes['axes'] ?? attributes['axis']
  if (op.name === 'scan')
    return `scan ${String(attributes['length'])} steps${attributes['reverse'] === true ? ' back' : ''}`
  return [
    op.name,
    ...numbers.map(value => Number(value.toPrecision(3)).toString()),
    ...(attributes['transposeA'] === true ? ['aᵀ'] : []),
    ...(attributes['transposeB'] === true ? ['bᵀ'] : []),
    ...(axes !== undefined && /sum|max|min|argmax/i.test(op.name)
      ? [`axis ${Array.isArray(axes) ? axes.join(', ') : String(axes)}`]
      : []),
  ].join(' ')
}

/** The type of a tensor; of a loop, how many ops its body has. */
export function detailOf({ dtype, shape, origin }: Tensor): string {
  if (origin && origin.application.regions.length > 0) return `${opsIn(origin.application)} ops a step`
  return `${dtype === 'float32' ? '' : `${dtype} `}${shape.length === 0 ? 'one number' : formatShape(shape)}`
}

/** An op with what it reads, and its type. */
export function titleOf(tensor: Tensor): string {
  const { op, inputs, dtype, shape, origin } = tensor
  const call = op
    ? `${op.name}(${inputs.map(source => source.op?.name ?? (nameOf(source) || 'constant')).join(', ')})`
    : nameOf(tensor)
  const body = origin && origin.application.regions.length > 0 ? `, ${opsIn(origin.application)} ops in each step` : ''
  return `${call}: ${dtype}${formatShape(shape)}${body}`
}
