// What a runtime is: something that runs graphs. Each implementation is a folder beside this file.
import type { TypedArray } from '../ir/dtype.ts'
import { UserError } from '../errors.ts'
import type { Graph } from '../ir/graph.ts'
import type { Tensor } from '../ir/tensor.ts'

/** A graph ready to run. */
export interface Executable {
  /**
   * Runs the graph once.
   * @param inputs one array for each of the graph's inputs, in order
   * @returns one new array for each output
   */
  run(inputs: readonly TypedArray[]): Promise<TypedArray[]>
  /** Frees what the runtime holds for this graph. */
  release(): Promise<void>
}

/**
 * A graph that is run again and again, where some outputs are inputs of the next run: a training step, or one token of a
 * generated text. The graph's inputs are the state first, then the values that are fresh at every step, then those that are
 * the same at all steps of a run; its outputs are the next state, in the same order, and then the values reported by every
 * step.
 */
export interface StepProgram {
  readonly graph: Graph
  /** How many of the graph's first inputs and outputs are state. */
  readonly stateCount: number
  /**
   * How many of the graph's last inputs are captured: the same at all steps of a run, neither carried nor stacked, as the
   * weights of a model that generates. Default 0.
   */
  readonly capturedCount?: number
}

/** The inputs of a step program by class. */
export function programInputs({ graph: { inputs }, stateCount, capturedCount = 0 }: StepProgram): Record<'state' | 'fresh' | 'captured', readonly Tensor[]> {
  const end = inputs.length - capturedCount
  return { state: inputs.slice(0, stateCount), fresh: inputs.slice(stateCount, end), captured: inputs.slice(end) }
}

/** @throws UserError when a run is given another number of captured values than its program has */
export function requireCaptured({ capturedCount = 0, graph }: StepProgram, captured: readonly TypedArray[]): void {
  if (captured.length === capturedCount) return
  throw new UserError({
    rule: `The step program '${graph.name}' has ${capturedCount} captured inputs.`, received: `${captured.length} arrays`,
    next: 'Give one array for each of the last inputs of its graph, in order.',
  })
}

/** A step program ready to run. */
export interface StepExecutable {
  /**
   * Runs any number of steps in one call.
   * @param state the state before the first step; not changed
   * @param nextState filled with the state after the last step; must not share memory with `state`
   * @param fresh for each remaining input, the values of the steps one after another
   * @param steps how many steps to run
   * @param captured for each captured input its value at all steps; default none
   * @returns for each reported output, the values of the steps one after another
   */
  run(
    state: readonly TypedArray[], nextState: readonly TypedArray[], fresh: readonly TypedArray[], steps: number, captured?: readonly TypedArray[],
  ): Promise<TypedArray[]>
  release(): Promise<void>
}

/** Runs graphs. `reference` is the meaning; the others must agree with it. */
export interface Runtime {
  readonly name: string
  /** Prepares a graph. */
  compile(graph: Graph): Promise<Executable>
  /** Prepares a step program. */
  compileSteps(program: StepProgram): Promise<StepExecutable>
}
