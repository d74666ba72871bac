// Graphs and step programs on the C API: arrays are read and written where they lie, without copies.
import { allocate, type TypedArray } from '../../../ir/dtype.ts'
import { sizeOf } from '../../../ir/shape.ts'
import type { Graph } from '../../../ir/graph.ts'
import type { Tensor } from '../../../ir/tensor.ts'
import type { OnnxModel } from '../../../onnx/lower.ts'
import {
  arraysCheck, listed, programInputs, stepArraysCheck, type Executable, type StepExecutable, type StepProgram,
} from '../../runtime.ts'
import type { Address } from './koffi.ts'
import { NativeSession, NativeType, requireBytes } from './native-session.ts'
import type { OrtApi } from './ort-api.ts'
import { turn } from './turn.ts'

/** A lowered model and how it is to be run. */
export interface DirectModel {
  readonly api: OrtApi
  readonly model: OnnxModel
  readonly threads: number
  /** Checks what is fed, see `fedValueCheck`. */
  readonly check: (fed: readonly TypedArray[], steps?: number) => void
}

interface Known {
  readonly array: TypedArray
  readonly tensor: Address
}

/** An input or output that is given the same arrays again and again: it remembers some of them with their tensors. */
class Place {
  readonly type: NativeType
  readonly #session: NativeSession
  readonly #most: number
  /** The last one that was asked for comes first. */
  readonly #known: Known[] = []

  constructor(session: NativeSession, api: OrtApi, leaf: Tensor, most: number) {
    this.#session = session
    this.#most = most
    this.type = new NativeType(api, leaf)
  }

  /** The tensor over a whole array. */
  tensor(array: TypedArray): Address {
    const known = this.#known
    const at = known.findIndex(each => each.array === array)
    requireBytes(array, this.type.bytes)
    if (at === 0) return (known[0] as Known).tensor
    const found = at > 0 ? known.splice(at, 1)[0] : undefined
    const next = found ?? { array, tensor: this.#session.tensor(array, this.type) }
    if (known.unshift(next) > this.#most) this.#session.releaseTensor((known.pop() as Known).tensor)
    return next.tensor
  }
}

/** The state before a step, that after it, and the one between several steps of a run. */
const STATES = 3

const placesOf = (session: NativeSession, api: OrtApi, leaves: readonly Tensor[], most: number) =>
  leaves.map(leaf => new Place(session, api, leaf, most))

const openSession = ({ api, model, threads }: DirectModel) =>
  new NativeSession(api, model.bytes, { inputs: model.inputNames, outputs: model.outputNames }, threads)

/** A graph that runs on the C API. */
export function directExecutable(graph: Graph, given: DirectModel): Executable {
  const session = openSession(given)
  const inputs = placesOf(session, given.api, graph.inputs, 1)
  const outputs = graph.outputs.map(output => new NativeType(given.api, output))
  const checkArrays = arraysCheck('run', graph.inputs)
  const run = (asked: readonly TypedArray[]): TypedArray[] => {
    const arrays = listed(asked)
    checkArrays(arrays)
    given.check(arrays)
    inputs.forEach((place, i) => (session.inputs[i] = place.tensor(arrays[i] as TypedArray)))
    const results = graph.outputs.map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)))
    const made = results.map((array, i) => session.tensor(array, outputs[i] as NativeType))
    try {
      made.forEach((tensor, i) => (session.outputs[i] = tensor))
      session.run()
    } finally {
      for (const tensor of made) session.releaseTensor(tensor)
    }
    return results
  }
  return {
    // What is thrown rejects the promise, as on the other runtimes.
    run: async arrays => {
      await turn()
      return run(arrays)
    },
    // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown rejects the promise
    release: async () => session.release(),
  }
}

/** A step program that runs on the C API, one call a step: a call costs less than a turn of ONNX's Loop. */
export class DirectStepExecutable implements StepExecutable {
  readonly #session: NativeSession
  readonly #program: StepProgram
  readonly #given: DirectModel
  readonly #checkArrays: ReturnType<typeof stepArraysCheck>
  readonly #state: readonly Place[]
  readonly #captured: readonly Place[]
  readonly #fresh: readonly NativeType[]
  readonly #reported: readonly NativeType[]
  /** Where every other step writes its state, when there are several. */
  #between: readonly TypedArray[] | undefined

  constructor(program: StepProgram, given: DirectModel) {
    const { state, fresh, captured } = programInputs(program)
    this.#session = openSession(given)
    this.#program = program
    this.#given = given
    this.#checkArrays = stepArraysCheck(program)
    this.#state = placesOf(this.#session, given.api, state, STATES)
    this.#captured = placesOf(this.#session, given.api, captured, 1)
    this.#fresh = fresh.map(leaf => new NativeType(given.api, leaf))
    this.#reported = program.graph.outputs.slice(program.stateCount).map(output => new NativeType(given.api, output))
  }

  // What is thrown rejects the promise, as on the other runtimes.
  async run(
    state: readonly TypedArray[], nextState: readonly TypedArray[], fresh: readonly TypedArray[], steps: number,
    captured: readonly TypedArray[] = [],
  ): Promise<TypedArray[]> {
    // Before the arrays are read: from here on nobody else comes in.
    await turn()
    return this.#run(listed(state), listed(nextState), listed(fresh), steps, listed(captured))
  }

  #run(
    state: readonly TypedArray[], nextState: readonly TypedArray[], fresh: readonly TypedArray[], steps: number,
    captured: readonly TypedArray[],
  ): TypedArray[] {
    this.#checkArrays(steps, { state, nextState, fresh, captured })
    this.#given.check(fresh, steps)
    const results = this.#program.graph.outputs.slice(this.#program.stateCount)
      .map(({ dtype, shape }) => allocate(dtype, sizeOf(shape) * steps))
    this.#place(this.#captured, captured, this.#session.inputs, this.#state.length + this.#fresh.length)
    let from = state
    for (let step = 0; step < steps; step++) {
      // The last step writes the next state; the state it began with is never written.
      const to = (steps - step) % 2 === 1 ? nextState : this.#betweenSteps()
      this.#place(this.#state, from, this.#session.inputs, 0)
      this.#place(this.#state, to, this.#session.outputs, 0)
      this.#step(fresh, results, step)
      from = to
    }
    if (steps === 0) state.forEach((array, i) => nextState[i]?.set(array))
    return results
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown rejects the promise
  async release(): Promise<void> {
    this.#session.release()
  }

  #place(places: readonly Place[], arrays: readonly TypedArray[], tensors: BigUint64Array, at: number): void {
    for (let i = 0; i < places.length; i++) tensors[at + i] = (places[i] as Place).tensor(arrays[i] as TypedArray)
  }

  /** Runs one step on its part of the values of all steps. */
  #step(fresh: readonly TypedArray[], results: readonly TypedArray[], step: number): void {
    const session = this.#session
    const first = this.#state.length
    const made: Address[] = []
    const part = (array: TypedArray, type: NativeType): Address => {
      const tensor = session.tensor(array, type, step * type.bytes)
      made.push(tensor)
      return tensor
    }
    try {
      this.#fresh.forEach((type, i) => (session.inputs[first + i] = part(fresh[i] as TypedArray, type)))
      this.#reported.forEach((type, i) => (session.outputs[first + i] = part(results[i] as TypedArray, type)))
      session.run()
    } finally {
      for (const tensor of made) session.releaseTensor(tensor)
    }
  }

  #betweenSteps(): readonly TypedArray[] {
    return (this.#between ??= programInputs(this.#program).state.map(({ dtype, size }) => allocate(dtype, size)))
  }
}
