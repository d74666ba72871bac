// Turns a function of tensors into a function of typed arrays that runs on a runtime.
import { checkArgument, checkOptions, describe, kinds, UserError, type Kind } from './errors.ts'
import { dtypeKind, holds, type DType, type TypedArray } from './ir/dtype.ts'
import { graph, type Graph } from './ir/graph.ts'
import { formatShape, sizeOf, type Shape } from './ir/shape.ts'
import { input, Tensor } from './ir/tensor.ts'
import type { Executable, Runtime } from './runtimes/runtime.ts'

/**
 * What one argument of a compiled function looks like. One size may be `null`: it follows from the length of each
 * call's data.
 */
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

const isTensor = (traced: Traced): traced is Tensor => traced instanceof Tensor

/** The tensors that a traced function returned. @throws UserError where it returned something else */
function listed(traced: Traced): readonly Tensor[] {
  const given: unknown = traced
  const parts: readonly unknown[] = typeof given === 'object' &&
    given !== null ? (isTensor(traced) ? [traced] : Object.values(given)) : [given]
  const wrong = parts.findIndex(part => !(part instanceof Tensor))
  if (wrong < 0) return parts as readonly Tensor[]
  throw new UserError({
    rule: 'compile: the function must return a tensor, or a list or record of tensors.',
    received: given instanceof Promise ? 'a promise' : describe(parts[wrong]),
    next: 'Return what is built from its arguments, which are symbolic tensors; make constants with tensor(...).',
  })
}

const specKind: Kind = {
  is: '{ shape, dtype, name }',
  accepts: spec => kinds.dictionary().accepts(spec) && 'shape' in (spec as object),
}

/** The sizes of an argument, one of which may be free. */
const freeShape = kinds.listOf(kinds.nullable(kinds.whole(0)), 'whole numbers of at least 0 or null')

function checkSpecs(specs: readonly Spec[]): void {
  checkArgument('compile', 'the specs', specs, kinds.listOf(specKind, '{ shape, dtype, name }, one for each argument'))
  for (const spec of specs) {
    // A tensor says what it looks like, too.
    if (!(spec instanceof Tensor)) checkOptions(
      'compile', spec, { shape: kinds.needed(freeShape), dtype: dtypeKind, name: kinds.name },
    )
    if (spec.shape.filter(size => size === null).length > 1) {
      throw new UserError({
        rule: 'compile: one size of an argument may be null.', received: describe(spec.shape),
        next: 'Give the other sizes as numbers.',
      })
    }
  }
}

/** What runs graphs. */
export const runtimeKind = kinds.withMethods('a runtime, such as referenceRuntime', 'compile')

function resolve(spec: Spec, data: TypedArray, position: number): number[] {
  const known = sizeOf(spec.shape.map(size => size ?? 1))
  const shape = spec.shape.map(size => size ?? (kinds.typedArray.accepts(data) ? data.length : 0) / Math.max(known, 1))
  const dtype = spec.dtype ?? 'float32'
  if (!kinds.typedArray.accepts(data) ||
    !holds(dtype, data) || sizeOf(shape) !== data.length || shape.some(size => !Number.isInteger(size))) {
    throw new UserError({
      rule: `Argument ${position + 1}${spec.name ? ` ('${spec.name}')` : ''} must hold ${dtype} values of shape ` +
        `[${spec.shape.map(s => s ?? 'any').join(', ')}].`,
      received: describe(data),
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
  const { runtime, name = 'compiled' } = checkOptions(
    'compile', options, { runtime: kinds.needed(runtimeKind), name: kinds.name },
  )
  checkArgument('compile', 'what is compiled', fn, kinds.callable)
  checkSpecs(specs)
  const cache = new Map<string, { readonly graph: Graph; readonly traced: T; executable?: Promise<Executable> }>()
  const entryFor = (shapes: readonly Shape[]) => {
    const key = shapes.map(formatShape).join()
    const known = cache.get(key)
    if (known) return known
    const inputs = specs.map((spec, i) => input(
      spec.name ?? `input${i}`, { shape: shapes[i] as Shape, dtype: spec.dtype ?? 'float32' },
    ))
    const traced = fn(...inputs)
    const entry = { graph: graph(name, inputs, listed(traced)), traced }
    cache.set(key, entry)
    return entry as typeof entry & { executable?: Promise<Executable> }
  }
  const run = async (...arrays: readonly TypedArray[]): Promise<ValuesOf<T>> => {
    if (arrays.length !== specs.length) throw new UserError({
      rule: `'${name}' takes ${specs.length} arguments.`, received: String(arrays.length),
    })
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
    const structured = Array.isArray(entry.traced) ? values
      : Object.fromEntries(Object.keys(entry.traced).map((key, i) => [key, values[i]]))
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
