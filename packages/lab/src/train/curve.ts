// The curve of a training: what its steps report, added up, and a point of means every so many steps.
import type { TypedArray } from '@ddlf/tensor'
import { randomKey } from '@ddlf/tensor/random'
import type { Chunk } from '@ddlf/data'
import type { RunStore } from '../runs/run-store.ts'
import type { Metrics } from '../tasks/task.ts'
import { divergence } from './divergence.ts'
import type { TrainingPlan } from './plan.ts'
import type { Position } from './position.ts'
import { addTo, means, noSums, ofPhase } from './sums.ts'

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
  learningRates: Readonly<Record<string, (step: number) => number>>,
): Record<string, TypedArray> {
  const steps = Array.from({ length: chunk.steps }, (_, i) => globalStep + i)
  return {
    ...Object.fromEntries(
      Object.entries(learningRates).map(([name, rate]) => [name, Float32Array.from(steps, rate)]),
    ),
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
  /** Norm of the last gradient that was written, of the first phase; undefined where it is not measured. */
  gradientNorm: number | undefined

  constructor(at: Position, store: RunStore, plan: TrainingPlan) {
    this.#at = at
    this.#store = store
    this.#plan = plan
    this.#every = Math.max(1, Math.round(plan.plain.stepsPerEpoch / POINTS_PER_EPOCH))
  }

  /** @throws UserError where a loss is no finite number */
  note(chunk: Chunk, results: Readonly<Record<string, ArrayLike<number>>>): void {
    for (let i = 0; i < chunk.steps; i++) this.#noteStep(chunk.batchSize, name => results[name]?.[i])
  }

  #noteStep(examples: number, result: (name: string) => number | undefined): void {
    const at = this.#at
    const { learningRates, plain, stepper } = this.#plan
    const step = at.globalStep++
    at.stepInEpoch++
    const norms: Record<string, number> = {}
    for (const { name: phase, every, reported, learningRate } of stepper.phases) {
      // Where a phase rests it reports nothing.
      if (at.globalStep % every !== 0) continue
      const metrics: Record<string, number> = {}
      for (const full of reported) {
        const name = phase === '' ? full : full.slice(phase.length + 1)
        const into = name === 'gradientNorm' ? norms : metrics
        into[into === norms ? full : name] = result(full) ?? Number.NaN
      }
      const { loss = Number.NaN, ...others } = metrics
      if (!Number.isFinite(loss)) {
        const rate = learningRates[learningRate]?.(step) ?? Number.NaN
        throw divergence(ofPhase(phase, 'loss'), loss, at.globalStep, at.epoch + 1, rate, this.#store)
      }
      for (const sums of [at.epochSums, at.windowSums]) addTo(sums, examples, { phase, loss, metrics: others })
    }
    if (at.stepInEpoch % this.#every === 0 || at.stepInEpoch === plain.stepsPerEpoch) this.#writePoint(step, norms)
  }

  /** @param step counted from 0 */
  #writePoint(step: number, norms: Readonly<Record<string, number>>): void {
    const at = this.#at
    const { learningRates, plain } = this.#plan
    this.gradientNorm = Object.values(norms)[0]
    const rates = Object.entries(learningRates).map(([name, rate]) => [name, rate(step)] as const)
    const values = { ...prefixed('train', means(at.windowSums)), ...Object.fromEntries(rates), ...norms }
    const epoch = at.epoch + at.stepInEpoch / plain.stepsPerEpoch
    this.#store.appendMetrics({ step: at.globalStep, epoch, values })
    at.windowSums = noSums()
  }
}
