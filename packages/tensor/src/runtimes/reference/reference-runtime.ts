// The reference runtime behind the common interface.
import type { TypedArray } from '../../ir/dtype.ts'
import { requireGraph, type Graph } from '../../ir/graph.ts'
import type { Tensor } from '../../ir/tensor.ts'
import { afterRelease } from '../open-session.ts'
import {
  arraysCheck, listed, requireSteps, type Executable, type Runtime, type StepExecutable, type StepProgram,
} from '../runtime.ts'
import { repeatSteps } from '../repeat-steps.ts'
import { plainArray } from '../typed-array.ts'
import { evaluate } from './evaluate.ts'

/** Runs graphs in plain TypeScript. Slow; it defines what the other runtimes must compute. */
export const referenceRuntime: Runtime = {
  name: 'reference',
  // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown rejects the promise
  async compile(graph: Graph): Promise<Executable> {
    const { inputs: leaves, outputs } = requireGraph('compile', graph)
    const checkArrays = arraysCheck('run', leaves)
    let isReleased = false
    return {
      // eslint-disable-next-line @typescript-eslint/require-await -- what is thrown rejects the promise
      async run(asked: readonly TypedArray[]) {
        if (isReleased) throw afterRelease()
        const inputs = listed(asked)
        checkArrays(inputs)
        const fed = new Map<Tensor, TypedArray>(leaves.map((leaf, i) => [leaf, plainArray(inputs[i] as TypedArray)]))
        // Copies: an output may be an input or a constant as it is.
        return evaluate(outputs, fed).map(array => array.slice() as TypedArray)
      },
      release: () => {
        isReleased = true
        return Promise.resolve()
      },
    }
  },
  async compileSteps(given: StepProgram): Promise<StepExecutable> {
    const program = requireSteps('compileSteps', given)
    return repeatSteps(await referenceRuntime.compile(program.graph), program)
  },
}
