// Several steps in one run for runtimes that cannot loop inside a graph: one run of the graph a step.
import { allocate } from '../ir/dtype.ts'
import { sizeOf } from '../ir/shape.ts'
import { programInputs, stepArraysCheck, type Executable, type StepExecutable, type StepProgram } from './runtime.ts'

/** Repeats an executable of a step program's graph, handing the state from one step to the next. */
export function repeatSteps(executable: Executable, program: StepProgram): StepExecutable {
  const { graph, stateCount } = program
  const freshSizes = programInputs(program).fresh.map(leaf => sizeOf(leaf.shape))
  const reported = graph.outputs.slice(stateCount)
  const checkArrays = stepArraysCheck(program)
  return {
    async run(state, nextState, fresh, steps, captured = []) {
      checkArrays(steps, { state, nextState, fresh, captured })
      const results = reported.map(output => allocate(output.dtype, sizeOf(output.shape) * steps))
      let current = state
      for (let step = 0; step < steps; step++) {
        const inputs = fresh.map((stacked, i) => {
          const size = freshSizes[i] as number
          return stacked.subarray(step * size, (step + 1) * size)
        })
        const outputs = await executable.run([...current, ...inputs, ...captured])
        current = outputs.slice(0, stateCount)
        outputs.slice(stateCount).forEach((values, i) => results[i]?.set(values, step * values.length))
      }
      current.forEach((values, i) => nextState[i]?.set(values))
      return results
    },
    release: () => executable.release(),
  }
}
