// The compiled training steps of a run over its double-buffered state.
import {
  flopOf,
  labelChecks,
  UserError,
  type LabelCheck,
  type Runtime,
  type StepExecutable,
  type TypedArray,
} from '@ddlf/tensor'
import type { Chunk } from '@ddlf/data'
import type { TrainingStep } from '@ddlf/nn'
import type { Checkpoint } from '../runs/run-store.ts'

/** Makes the step for batches of a size, of examples that are filled up to so many entries where they differ. */
export type BuildStep = (batchSize: number, entries?: number) => TrainingStep

/** The compiled steps of a run, one for each form of batch, over one state that is double-buffered. */
export class Stepper {
  readonly #runtime: Runtime
  readonly #build: BuildStep
  readonly #compiled = new Map<string, { readonly step: TrainingStep; readonly executable: Promise<StepExecutable> }>()
  /** The arrays of the state, in order. */
  readonly entries: TrainingStep['state']
  /** Floating-point operations of one step. */
  readonly flopPerStep: number
  /** The phases of a step, and what each reports. */
  readonly phases: TrainingStep['phases']
  /** The columns that are read as class numbers, and how many classes there are. */
  readonly checks: readonly LabelCheck[]
  #current: TypedArray[]
  #next: TypedArray[]

  /** @param largest the usual batch: its size, and the entries of its longest form */
  constructor(runtime: Runtime, build: BuildStep, largest: { readonly batchSize: number; readonly entries?: number }) {
    this.#runtime = runtime
    this.#build = build
    const { step } = this.#compile(largest)
    this.entries = step.state
    this.#current = step.state.map(({ data }) => data.slice())
    this.#next = step.state.map(({ data }) => data.slice())
    this.flopPerStep = flopOf(step.graph)
    this.phases = step.phases
    this.checks = labelChecks(step.graph)
  }

  #compile({ batchSize, entries }: { readonly batchSize: number; readonly entries?: number }) {
    const key = `${batchSize} ${entries ?? ''}`
    const known = this.#compiled.get(key)
    if (known) return known
    const step = this.#build(batchSize, entries)
    const entry = { step, executable: this.#runtime.compileSteps(step) }
    this.#compiled.set(key, entry)
    return entry
  }

  /**
   * Runs the steps of a chunk; `fed` gives the values of the inputs that are not columns. Returns the reported values
   * by name.
   */
  async run(chunk: Chunk, fed: Readonly<Record<string, TypedArray>>): Promise<Record<string, TypedArray>> {
    const { step, executable } = this.#compile(chunk)
    const fresh = step.fresh.map(({ name }) => chunk.columns[name]?.data ?? fed[name])
    const results = await (await executable).run(this.#current, this.#next, fresh as TypedArray[], chunk.steps)
    ;[this.#current, this.#next] = [this.#next, this.#current]
    return Object.fromEntries(step.reported.map((name, i) => [name, results[i] as TypedArray]))
  }

  /** Copies parameters (or their moving averages) and buffers into the model, for evaluation. */
  publish(averaged: boolean): void {
    const averages = new Map(this.entries.map(({ name }, i) => [name, this.#current[i] as TypedArray]))
    this.entries.forEach(({ name, kind, data }, i) => {
      if (kind !== 'parameter' && kind !== 'buffer') return
      data.set((averaged && averages.get(`ema/${name}`)) || (this.#current[i] as TypedArray))
    })
  }

  tensors(): Checkpoint['tensors'] {
    return Object.fromEntries(
      this.entries.map(({ name, shape, dtype }, i) => [name, { dtype, shape, data: this.#current[i] as TypedArray }]),
    )
  }

  /** @throws UserError when the checkpoint is of another model or optimizer */
  load(tensors: Checkpoint['tensors']): void {
    this.entries.forEach(({ name, shape }, i) => {
      const saved = tensors[name]
      if (!saved || saved.shape.join() !== shape.join()) {
        throw new UserError({
          rule: 'The checkpoint was saved with another model or optimizer.',
          received: saved
            ? `'${name}' of shape [${saved.shape.join(', ')}] instead of [${shape.join(', ')}]`
            : `a checkpoint without '${name}'`,
          next: 'Resume it at the commit named in its run.json, or start a new run.',
        })
      }
      this.#current[i]?.set(saved.data)
    })
  }

  async release(): Promise<void> {
    await Promise.all([...this.#compiled.values()].map(async ({ executable }) => (await executable).release()))
  }
}
