// Turns a function of tensors into a function of typed arrays that runs on a runtime.
import { checkOptions, UserError } from './errors.ts'
import { holds, type DType, type TypedArray } from './ir/dtype.ts'
import { graph, type Graph } from './ir/graph.ts'
import { formatShape, sizeOf, type Shape } from './ir/shape.ts'
import { input, type Tensor } from './ir/tensor.ts'
import type { Executable, Runtime } from './runtimes/runtime.ts'

/** What one argument of a compiled function looks like. One size may be `null`: it follows from the length of each call's data. */
export interface Spec {
  readonly shape: readonly (number | null)[]
  readonly dtype?: DType
  readonly name?: string
}

/** A computed value. */
export interface Value {
  readonly data: TypedArray
  readonly shape: Shape
  readonly dtype: DType
}

type Traced = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>

/** The values in the same structure in which the traced function returns its tensors. */
export type ValuesOf<T extends Traced> = T extends Tensor ? Value : { -readonly [K in keyof T]: Value }

/** A function that runs on a runtime, compiled once for each shape of its inputs. */
export interface Compiled<T extends Traced> {
  (...inputs: readonly TypedArray[]): Promise<ValuesOf<T>>
  /** The graph for given sizes of the free axes (`null` in the specs), in order. */
  graphFor(...freeSizes: readonly number[]): Graph
  /** Frees everything compiled so far. */
  release(): Promise<void>
}

const isTensor = (traced: Traced): traced is Tensor => 'dtype' in traced && 'size' in traced

const listed = (traced: Traced): readonly Tensor[] => (isTensor(traced) ? [traced] : Object.values(traced as Readonly<Record<string, Tensor>>))

function resolve(spec: Spec, data: TypedArray, position: number): number[] {
  const known = sizeOf(spec.shape.map(size => size ?? 1))
  const shape = spec.shape.map(size => size ?? data.length / Math.max(known, 1))
  const dtype = spec.dtype ?? 'float32'
  if (!holds(dtype, data) || sizeOf(shape) !== data.length || shape.some(size => !Number.isInteger(size))) {
    throw new UserError({
      rule: `Argument ${position + 1}${spec.name ? ` ('${spec.name}')` : ''} must hold ${dtype} values of shape [${spec.shape.map(s => s ?? 'any').join(', ')}].`,
      received: `${data.constructor.name} of length ${data.length}`,
    })
  }
  return shape
}

/**
 * Compiles a function of tensors. Parameters and buffers it uses are read at every call, so training in between shows.
 * @param fn builds the result from symbolic tensors; returns a tensor, a list or a record of tensors
 * @param specs one for each argument
 * @param options the runtime, and a name for the graph
 */
export function compile<T extends Traced>(
  fn: (...inputs: Tensor[]) => T,
  specs: readonly Spec[],
  options: { readonly runtime: Runtime; readonly name?: string },
): Compiled<T> {
  const { runtime, name = 'compiled' } = checkOptions('compile', options, ['runtime', 'name'])
  const cache = new Map<string, { readonly graph: Graph; readonly traced: T; executable?: Promise<Executable> }>()
  const entryFor = (shapes: readonly Shape[]) => {
    const key = shapes.map(formatShape).join()
    const known = cache.get(key)
    if (known) return known
    const inputs = specs.map((spec, i) => input(spec.name ?? `input${i}`, { shape: shapes[i] as Shape, dtype: spec.dtype ?? 'float32' }))
    const traced = fn(...inputs)
    const entry = { graph: graph(name, inputs, listed(traced)), traced }
    cache.set(key, entry)
    return entry as typeof entry & { executable?: Promise<Executable> }
  }
  const run = async (...arrays: readonly TypedArray[]): Promise<ValuesOf<T>> => {
    if (arrays.length !== specs.length) throw new UserError({ rule: `'${name}' takes ${specs.length} arguments.`, received: String(arrays.length) })
    const entry = entryFor(arrays.map((data, i) => resolve(specs[i] as Spec, data, i)))
    const executable = await (entry.executable ??= runtime.compile(entry.graph))
    const state = entry.graph.inputs.slice(specs.length).map(leaf => leaf.leaf?.data as TypedArray)
    const results = await executable.run([...arrays, ...state])
    const outputs = listed(entry.traced)
    const values = results.map((data, i): Value => {
      const output = outputs[i] as Tensor
      return { data, shape: output.shape, dtype: output.dtype }
    })
    if (isTensor(entry.traced)) return values[0] as ValuesOf<T>
    const structured = Array.isArray(entry.traced) ? values : Object.fromEntries(Object.keys(entry.traced).map((key, i) => [key, values[i]]))
    return structured as ValuesOf<T>
  }
  return Object.assign(run, {
    graphFor(...freeSizes: readonly number[]): Graph {
      const remaining = [...freeSizes]
      return entryFor(specs.map(spec => spec.shape.map(size => size ?? remaining.shift() ?? 1))).graph
    },
    async release() {
      await Promise.all([...cache.values()].map(async ({ executable }) => (await executable)?.release()))
      cache.clear()
    },
  })
}
