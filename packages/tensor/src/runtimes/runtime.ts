// What a runtime is: something that runs graphs. Each implementation is a folder beside this file.
import type { TypedArray } from '../ir/dtype.ts'
import type { Graph } from '../ir/graph.ts'

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
 * A graph that is run again and again, where some outputs are inputs of the next run: a training step.
 * The graph's inputs are the state first and then the values that are fresh at every step; its outputs are the next
 * state, in the same order, and then the values reported by every step.
 */
export interface StepProgram {
  readonly graph: Graph
  /** How many of the graph's first inputs and outputs are state. */
  readonly stateCount: number
}

/** A step program ready to run. */
export interface StepExecutable {
  /**
   * Runs any number of steps in one call.
   * @param state the state before the first step; not changed
   * @param nextState filled with the state after the last step; must not share memory with `state`
   * @param fresh for each remaining input, the values of the steps one after another
   * @param steps how many steps to run
   * @returns for each reported output, the values of the steps one after another
   */
  run(state: readonly TypedArray[], nextState: readonly TypedArray[], fresh: readonly TypedArray[], steps: number): Promise<TypedArray[]>
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
