// Graphs and step programs on a session of ONNX Runtime's JavaScript interface, which is the same in Node and in pages.
import type { InferenceSession, Tensor as OnnxTensor, TensorConstructor } from 'onnxruntime-common'
import type { TypedArray } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'
import type { TensorType } from '../ir/op.ts'
import { STEPS_INPUT, type OnnxModel } from '../onnx/lower.ts'
import type { OpenSession } from './open-session.ts'
import {
  arraysCheck, listed, stepArraysCheck, type Executable, type StepExecutable, type StepProgram,
} from './runtime.ts'

/** A lowered model in a session. */
export interface SessionModel {
  readonly session: OpenSession
  readonly model: Pick<OnnxModel, 'inputNames' | 'outputNames'>
  /** The class of the interface's tensors. */
  readonly Tensor: TensorConstructor
  /** Checks what is fed, see `fedValueCheck`. */
  readonly check: (fed: readonly TypedArray[], steps?: number) => void
}

type Values = Readonly<Record<string, OnnxTensor>>

/** The arrays behind results, which are the caller's to keep; bool is handed over as Uint8Array. */
const arraysOf = (results: InferenceSession.OnnxValueMapType, names: readonly string[]): TypedArray[] =>
  names.map(name => results[name]?.data as TypedArray)

/** A tensor over an array; with `steps`, over the values of so many steps. */
function tensorOver(
  Tensor: TensorConstructor, data: TypedArray, { dtype, shape }: TensorType, steps: readonly number[] = [],
): OnnxTensor {
  return new Tensor(dtype, data as never, [...steps, ...shape])
}

/** A graph that runs in a session. */
export function sessionExecutable(graph: Graph, { session, model, Tensor, check }: SessionModel): Executable {
  const { inputNames, outputNames } = model
  const checkArrays = arraysCheck('run', graph.inputs)
  return {
    async run(asked) {
      const arrays = listed(asked)
      checkArrays(arrays)
      check(arrays)
      const feeds: Values = Object.fromEntries(graph.inputs.map((leaf, i) => [
        inputNames[i] as string, tensorOver(Tensor, arrays[i] as TypedArray, leaf),
      ]))
      return arraysOf(await session.run(feeds), outputNames)
    },
    release: () => session.release(),
  }
}

/**
 * A step program that runs in a session of its loop (`lowerSteps`).
 * @param writesInPlace whether outputs can be written into arrays that are given; else they are copied there
 */
export function loopExecutable(
  program: StepProgram, { session, model, Tensor, check }: SessionModel, writesInPlace: boolean,
): StepExecutable {
  const { graph: { inputs, outputs }, stateCount, capturedCount = 0 } = program
  const { inputNames, outputNames } = model
  const checkArrays = stepArraysCheck(program)
  const freshEnd = inputs.length - capturedCount
  return {
    async run(...asked) {
      const [state, nextState, fresh] = [listed(asked[0]), listed(asked[1]), listed(asked[2])]
      const [steps, captured] = [asked[3], listed(asked[4] ?? [])]
      checkArrays(steps, { state, nextState, fresh, captured })
      check(fresh, steps)
      const given = [...state, ...fresh, ...captured]
      const feeds: Values = {
        [STEPS_INPUT]: new Tensor('int64', BigInt64Array.of(BigInt(steps)), []),
        ...Object.fromEntries(inputs.map((leaf, i) => [inputNames[i] as string, tensorOver(
          Tensor, given[i] as TypedArray, leaf, i >= stateCount && i < freshEnd ? [steps] : [],
        )])),
      }
      // Never the arrays that are read, which silently gives wrong numbers.
      const into = writesInPlace ? Object.fromEntries(outputs.map((output, i) => [
        outputNames[i] as string, i < stateCount ? tensorOver(Tensor, nextState[i] as TypedArray, output) : null,
      ])) : undefined
      const values = arraysOf(await session.run(feeds, into), outputNames)
      if (!writesInPlace) nextState.forEach((array, i) => { array.set(values[i] as TypedArray) })
      return values.slice(stateCount)
    },
    release: () => session.release(),
  }
}
