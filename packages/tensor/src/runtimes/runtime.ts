// What a runtime is: something that runs graphs. Each implementation is a folder beside this file.
import { checkArgument, describe, kinds, UserError } from '../errors.ts'
import type { TypedArray } from '../ir/dtype.ts'
import { requireGraph, type Graph } from '../ir/graph.ts'
import { isList } from '../ir/own-list.ts'
import { sizeOf } from '../ir/shape.ts'
import { formatType, type Tensor } from '../ir/tensor.ts'
import { requireUnshared, sharedMemoryCheck } from './shared-memory.ts'
import { ARRAY_CLASSES, isArrayOf } from './typed-array.ts'

/** A graph ready to run. */
export interface Executable {
  /**
   * Runs the graph once.
   * @param inputs one array for each of the graph's inputs, in order; the run may read them until its promise resolves
   * @returns one new array for each output
   */
  run(inputs: readonly TypedArray[]): Promise<TypedArray[]>
  /** Frees what the runtime holds for this graph, which runs no more; a second call does nothing. */
  release(): Promise<void>
}

/**
 * A graph that is run again and again, where some outputs are inputs of the next run: a training step, or one token of
 * a generated text. The graph's inputs are the state first, then the values that are fresh at every step, then those
 * that are the same at all steps of a run; its outputs are the next state, in the same order, and then the values
 * reported by every step.
 */
export interface StepProgram {
  readonly graph: Graph
  /** How many of the graph's first inputs and outputs are state. */
  readonly stateCount: number
  /**
   * How many of the graph's last inputs are captured: the same at all steps of a run, neither carried nor stacked, as
   * the weights of a model that generates. Default 0.
   */
  readonly capturedCount?: number
}

/** The inputs of a step program by class. */
export function programInputs({
  graph: { inputs },
  stateCount,
  capturedCount = 0,
}: StepProgram): Record<'state' | 'fresh' | 'captured', readonly Tensor[]> {
  const end = inputs.length - capturedCount
  return { state: inputs.slice(0, stateCount), fresh: inputs.slice(stateCount, end), captured: inputs.slice(end) }
}

/** A step program ready to run. */
export interface StepExecutable {
  /**
   * Runs any number of steps in one call. Until its promise resolves it may read and write all arrays that it is given.
   * @param state the state before the first step; not changed
   * @param nextState filled with the state after the last step; no two may share memory, nor one with what is read
   * @param fresh for each remaining input, the values of the steps one after another
   * @param steps how many steps to run
   * @param captured for each captured input its value at all steps; default none
   * @returns for each reported output, the values of the steps one after another
   */
  run(
    state: readonly TypedArray[],
    nextState: readonly TypedArray[],
    fresh: readonly TypedArray[],
    steps: number,
    captured?: readonly TypedArray[],
  ): Promise<TypedArray[]>
  /** As of an {@link Executable}. */
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

/** How many threads share the work of an op. More are never faster, and there may be no memory for their stacks. */
export const threadsKind = kinds.whole(1, 1024)

/** A step program as it is now, see `requireGraph`. @throws UserError where it is none */
export function requireSteps(owner: string, program: StepProgram): Required<StepProgram> {
  checkArgument(owner, 'the program', program, kinds.dictionary())
  const { graph: given, stateCount, capturedCount = 0 } = program
  const graph = requireGraph(owner, given)
  const { inputs, outputs } = graph
  checkArgument(owner, 'stateCount', stateCount, kinds.whole(0, Math.min(inputs.length, outputs.length)))
  checkArgument(owner, 'capturedCount', capturedCount, kinds.whole(0, inputs.length - stateCount))
  return { graph, stateCount, capturedCount }
}

/**
 * A list whose entries are read once: one that is read again behind the checks may give another array, or run code that
 * takes the memory of an earlier one away. What is no list is left to the checks.
 */
export const listed = <T>(list: readonly T[]): readonly T[] => (isList(list) ? [...list] : list)

/**
 * Makes the check of the arrays that are fed to a graph's leaves, before kernels read them.
 * @param what what the arrays are, as the message calls them
 * @param ownMemory whether memory that other threads can write is refused here; default true
 * @returns a function of the arrays, and of how many values of each leaf follow one another in its array (default 1);
 * it throws a UserError naming the leaf that does not fit
 */
export function arraysCheck(
  what: string, leaves: readonly Tensor[], ownMemory = true,
): (arrays: readonly TypedArray[], times?: number) => void {
  // Sizes once, and no closures below: a run with 60 arrays is checked in 2 microseconds.
  const counts = leaves.map(leaf => sizeOf(leaf.shape))
  const list = {
    is: `a list of ${leaves.length}`,
    accepts: (value: unknown) => Array.isArray(value) && value.length === counts.length,
  }
  return (arrays, times = 1) => {
    checkArgument(what, 'the arrays', arrays, list)
    for (let i = 0; i < counts.length; i++) {
      const leaf = leaves[i] as Tensor
      const data = arrays[i]
      const count = (counts[i] as number) * times
      if (!isArrayOf(data, leaf.dtype, count)) throw new UserError({
        rule: `${what}: array ${i} must hold the ${count} elements of ` +
          `${times === 1 ? '' : `${times} times `}${formatType(leaf)}.`,
        received: describe(data),
        next: `Give a ${ARRAY_CLASSES[leaf.dtype]} of length ${count}.`,
      })
      if (ownMemory) requireUnshared(what, i, data)
      if (leaf.dtype === 'bool') requireFlags(what, i, data, count)
    }
  }
}

/** Runtimes take other numbers for true or for themselves, each as it likes. */
function requireFlags(what: string, place: number, array: TypedArray, count: number): void {
  for (let i = 0; i < count; i++) if ((array[i] as number) > 1) throw new UserError({
    rule: `${what}: array ${place} holds elements of bool: each must be 0 or 1.`,
    received: `${array[i]} at ${i}`,
    next: 'Compare: notEqual(x, 0) is bool.',
  })
}

/** The arrays of one run of a step program, by class. */
export interface StepArrays {
  readonly state: readonly TypedArray[]
  readonly nextState: readonly TypedArray[]
  readonly fresh: readonly TypedArray[]
  readonly captured: readonly TypedArray[]
}

const stepsKind = kinds.whole(0)

/** Makes the check of the arrays of one run of a step program: it throws a UserError naming what does not fit. */
export function stepArraysCheck(program: StepProgram): (steps: number, arrays: StepArrays) => void {
  const { state, fresh, captured } = programInputs(program)
  const checks = {
    // Their memory is looked at below, once for lists that come again.
    state: arraysCheck('the state', state, false),
    nextState: arraysCheck('the next state', state, false),
    fresh: arraysCheck('the fresh values', fresh),
    captured: arraysCheck('the captured values', captured),
  }
  const checkMemory = sharedMemoryCheck()
  return (steps, arrays) => {
    checkArgument('run', 'the number of steps', steps, stepsKind)
    checks.state(arrays.state)
    checks.nextState(arrays.nextState)
    checks.fresh(arrays.fresh, steps)
    checks.captured(arrays.captured)
    checkMemory(
      { what: 'the next state', arrays: arrays.nextState }, { what: 'the state', arrays: arrays.state },
      [{ what: 'the fresh values', arrays: arrays.fresh }, { what: 'the captured values', arrays: arrays.captured }],
    )
  }
}
