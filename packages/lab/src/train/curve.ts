// The curve of a training: what its steps report, added up, and a point of means every so many steps.
import type { TypedArray } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import type { Chunk } from '@ddlf/data'
import type { RunStore } from '../runs/run-store.ts'
import type { Metrics } from '../tasks/task.ts'
import { divergence } from './divergence.ts'
import type { TrainingPlan } from './plan.ts'
import type { Position } from './position.ts'
import { addTo, means, noSums } from './sums.ts'

/** Points of the curve in one epoch. */
const POINTS_PER_EPOCH = 50

/** Values by `<part>/<name>`. */
export const prefixed = (part: string, metrics: Metrics): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${part}/${name}`, value]))

/** The stacked values of the inputs that no column gives, for the steps of a chunk. */
export function stepInputs(
  chunk: Chunk,
  globalStep: number,
  seed: number,
  learningRate: (step: number) => number,
): Record<string, TypedArray> {
  const steps = Array.from({ length: chunk.steps }, (_, i) => globalStep + i)
  return {
    learningRate: Float32Array.from(steps, learningRate),
    step: Float32Array.from(steps, step => step + 1),
    randomKey: Int32Array.from(steps.flatMap(step => [...randomKey(seed, 'step', step)])),
  }
}

/** Moves a position on by the steps of a chunk, and writes the points of the curve. */
export class Curve {
  readonly #at: Position
  readonly #store: RunStore
  readonly #plan: TrainingPlan
  readonly #every: number
  readonly #names: readonly string[]
  /** Norm of the last gradient that was written; undefined where it is not measured. */
  gradientNorm: number | undefined

  constructor(at: Position, store: RunStore, plan: TrainingPlan) {
    this.#at = at
    this.#store = store
    this.#plan = plan
    this.#every = Math.max(1, Math.round(plan.plain.stepsPerEpoch / POINTS_PER_EPOCH))
    this.#names = plan.stepper.reported.filter(name => name !== 'loss' && name !== 'gradientNorm')
  }

  /** @throws UserError where a loss is no finite number */
  note(chunk: Chunk, results: Readonly<Record<string, ArrayLike<number>>>): void {
    for (let i = 0; i < chunk.steps; i++) this.#noteStep(chunk.batchSize, name => results[name]?.[i])
  }

  #noteStep(examples: number, result: (name: string) => number | undefined): void {
    const at = this.#at
    const {
      learningRate,
      plain: { stepsPerEpoch },
    } = this.#plan
    const rate = learningRate(at.globalStep)
    const loss = result('loss') ?? Number.NaN
    at.globalStep++
    at.stepInEpoch++
    if (!Number.isFinite(loss)) throw divergence(loss, at.globalStep, at.epoch + 1, rate, this.#store)
    const values = Object.fromEntries(this.#names.map(name => [name, result(name) ?? Number.NaN]))
    addTo(at.epochSums, examples, loss, values)
    addTo(at.windowSums, examples, loss, values)
    if (at.stepInEpoch % this.#every !== 0 && at.stepInEpoch !== stepsPerEpoch) return
    this.gradientNorm = result('gradientNorm')
    const row = {
      ...prefixed('train', means(at.windowSums)),
      learningRate: rate,
      ...(this.gradientNorm !== undefined && { gradientNorm: this.gradientNorm }),
    }
    this.#store.appendMetrics({ step: at.globalStep, epoch: at.epoch + at.stepInEpoch / stepsPerEpoch, values: row })
    at.windowSums = noSums()
  }
}
