// A model is any object whose fields hold state; this file finds that state and names it by its path.
import { formatShape, Tensor, type DType, type Shape, type TypedArray } from '@ddlf/tensor'
import { checkArgument, checkOptions, kinds, nearestName, UserError, type Kind } from '@ddlf/tensor/errors'

/** What can be put in a chain of layers: one tensor in, one tensor out. No base class, no registration. */
export interface Module {
  forward(x: Tensor): Tensor
}

/** One named value of a model's state. */
export interface StateValue {
  readonly shape: Shape
  readonly dtype: DType
  readonly data: TypedArray
}

/** The state of a model by name, as in a PyTorch state dict or a safetensors file. */
export type StateDict = Readonly<Record<string, StateValue>>

/** Visits every parameter and buffer below `value`, depth first in the order of the fields. */
function walk(
  value: unknown, path: string, ancestors: readonly object[], visit: (name: string, tensor: Tensor) => void,
): void {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || ancestors.includes(value)) return
  if (value instanceof Tensor) {
    if (value.leaf?.kind === 'parameter' || value.leaf?.kind === 'buffer') visit(path, value)
    return
  }
  const below = [...ancestors, value]
  const entries = value instanceof Map ? (value as ReadonlyMap<unknown, unknown>).entries() : Object.entries(value)
  for (const [key, field] of entries) walk(field, path === '' ? String(key) : `${path}.${String(key)}`, below, visit)
}

/** What must be a model, or a part of one. */
export const modelKind = kinds.withMethods('a model: an object whose fields hold layers')

function collect(model: object, kind: 'parameter' | 'buffer'): Map<string, Tensor> {
  checkArgument('The state of a model', 'the model', model, modelKind)
  const found = new Map<string, Tensor>()
  const seen = new Set<Tensor>()
  walk(model, '', [], (name, tensor) => {
    if (tensor.leaf?.kind !== kind || seen.has(tensor)) return
    seen.add(tensor)
    found.set(name, tensor)
  })
  return found
}

/**
 * The trainable tensors of a model by path: `hidden1.weight`, `layers.0.bias`. Fields, arrays and maps are followed; a
 * tensor reachable by two paths (tied weights) is listed once, under the first.
 */
export const namedParameters = (model: object): Map<string, Tensor> => collect(model, 'parameter')

/** The state of a model that gradients do not train, such as running means, by path. */
export const namedBuffers = (model: object): Map<string, Tensor> => collect(model, 'buffer')

/** Labels each parameter and buffer with its path, so that printed graphs, messages and ONNX files show names. */
export function labelState(model: object): void {
  for (const [name, { leaf }] of [...namedParameters(model), ...namedBuffers(model)]) if (leaf) Object.assign(
    leaf, { name },
  )
}

/** Number of trainable numbers; tied weights count once. */
export const parameterCount = (model: object): number =>
  [...namedParameters(model).values()].reduce((total, tensor) => total + tensor.size, 0)

/** The data a parameter or buffer holds: not a copy. */
export function dataOf(tensor: Tensor): TypedArray {
  if (!tensor.leaf?.data) throw new Error(`${tensor.toString()} holds no data.`)
  return tensor.leaf.data
}

/** All parameters and buffers of a model by path. The data are references: training changes them, and so can you. */
export function stateDict(model: object): Record<string, StateValue> {
  checkArgument('stateDict', 'the model', model, modelKind)
  const state: Record<string, StateValue> = {}
  walk(model, '', [], (name, tensor) => {
    state[name] = { shape: tensor.shape, dtype: tensor.dtype, data: dataOf(tensor) }
  })
  return state
}

const stateKind: Kind = {
  is: '{ shape, dtype, data }',
  accepts: value => kinds.dictionary().accepts(value) &&
    kinds.shape.accepts((value as StateValue).shape) && kinds.typedArray.accepts((value as StateValue).data),
}

const list = (names: readonly string[]) =>
  names.slice(0, 5).map(name => `'${name}'`).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')

/**
 * Copies values into the parameters and buffers of a model. Nothing is changed when something does not fit.
 * @param options `strict` (default true) refuses names that are missing or unexpected; shapes must always agree
 * @returns the names of the model that the state lacks, and the names of the state that the model lacks
 * @throws UserError naming what is missing, unexpected (with the nearest name) or of another shape (both shapes)
 */
export function loadStateDict(
  model: object,
  state: StateDict,
  options: { readonly strict?: boolean } = {},
): { missing: string[]; unexpected: string[] } {
  const { strict = true } = checkOptions('loadStateDict', options, { strict: kinds.flag })
  checkArgument(
    'loadStateDict', 'the state', state, kinds.dictionary(stateKind),
    "Load what stateDict(model) gives, { 'layer.weight': { shape, dtype, data } }.",
  )
  const own = stateDict(model)
  const missing = Object.keys(own).filter(name => !Object.hasOwn(state, name))
  const unexpected = Object.keys(state).filter(name => !Object.hasOwn(own, name))
  if (strict && unexpected.length > 0) {
    const near = nearestName(unexpected[0] as string, missing.length > 0 ? missing : Object.keys(own))
    throw new UserError({
      rule: 'Every name of a loaded state must exist in the model.',
      received: list(unexpected),
      next: `${near ? `Did you mean '${near}'? ` : ''}Rename it, or load with { strict: false } to ignore it.`,
    })
  }
  if (strict && missing.length > 0) {
    throw new UserError({
      rule: 'A loaded state must hold every parameter and buffer of the model.',
      received: `a state without ${list(missing)}`,
      next: 'Load the state of the same model, or load with { strict: false } to keep the present values.',
    })
  }
  const fitting = Object.entries(own).filter(([name]) => Object.hasOwn(state, name))
  for (const [name, { shape, dtype }] of fitting) {
    const value = state[name] as StateValue
    if (formatShape(value.shape) !== formatShape(shape) ||
      value.data.length !== value.shape.reduce((a, b) => a * b, 1)) {
      throw new UserError({
        rule: `'${name}' has the shape ${formatShape(shape)} in the model.`,
        received: `shape ${formatShape(value.shape)}, ${value.data.length} numbers`,
        next: 'Build the model with the sizes it was saved with.',
      })
    }
    if (value.dtype !== dtype) {
      throw new UserError({
        rule: `'${name}' is ${dtype} in the model.`, received: value.dtype,
        next: 'Convert the values before loading them.',
      })
    }
  }
  for (const [name, { data }] of fitting) data.set((state[name] as StateValue).data)
  return { missing, unexpected }
}
