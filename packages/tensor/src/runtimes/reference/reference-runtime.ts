// The reference runtime behind the common interface.
import type { TypedArray } from '../../ir/dtype.ts'
import type { Graph } from '../../ir/graph.ts'
import type { Tensor } from '../../ir/tensor.ts'
import type { Executable, Runtime, StepExecutable, StepProgram } from '../runtime.ts'
import { repeatSteps } from '../repeat-steps.ts'
import { evaluate } from './evaluate.ts'

/** Runs graphs in plain TypeScript. Slow; it defines what the other runtimes must compute. */
export const referenceRuntime: Runtime = {
  name: 'reference',
  compile: (graph: Graph): Promise<Executable> =>
    Promise.resolve({
      run(inputs: readonly TypedArray[]) {
        const fed = new Map<Tensor, TypedArray>(graph.inputs.map((leaf, i) => [leaf, inputs[i] as TypedArray]))
        // Copies: an output may be an input or a constant as it is.
        return Promise.resolve(evaluate(graph.outputs, fed).map(array => array.slice() as TypedArray))
      },
      release: () => Promise.resolve(),
    }),
  async compileSteps(program: StepProgram): Promise<StepExecutable> {
    return repeatSteps(await referenceRuntime.compile(program.graph), program)
  },
}
