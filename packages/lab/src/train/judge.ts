// Judges a model at the end of an epoch on what was held out, and remembers of the last evaluation what a run keeps.
import type { Runtime } from '@ddlf/tensor'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { Evaluation } from '../tasks/task.ts'
import type { NamedTensor } from '../runs/safetensors.ts'
import { Evaluator, keptOutputs } from './evaluator.ts'
import type { JudgingEvent } from './events.ts'
import type { TrainingPlan } from './plan.ts'
import type { MetricsByPart } from './position.ts'

/** Seconds between two events of an evaluation, and before the first. */
const JUDGING_SECONDS = 1

/** What is judged. */
export type JudgedPlan = Pick<TrainingPlan, 'model' | 'held' | 'judgedOn'>

/** Judges the model of a training. */
export class Judge {
  readonly #plan: JudgedPlan
  readonly #last: Evaluator
  readonly #between: Evaluator
  readonly #answers: readonly string[] | undefined
  /** Of the last evaluation with the settings of the last epoch, by part. */
  readonly found = new Map<string, Evaluation>()

  constructor(experiment: Experiment, settings: TrainingSettings, plan: JudgedPlan, runtime: Runtime) {
    const { between, answers } = experiment.task.evaluate
    this.#answers = answers
    this.#plan = plan
    this.#last = new Evaluator(experiment, settings, plan.model, runtime)
    this.#between =
      settings.patience === 0 && evaluatesOtherwise(between, settings)
        ? new Evaluator(experiment, { ...settings, ...between }, plan.model, runtime)
        : this.#last
  }

  /**
   * The metrics on every part that is held out; what takes long tells how far it is.
   * @param isLast of the training: what the task keeps is kept
   */
  async *evaluate(isLast: boolean): AsyncGenerator<JudgingEvent, MetricsByPart> {
    const { held, judgedOn } = this.#plan
    const metrics: Record<string, Evaluation['metrics']> = {}
    let told = performance.now()
    for (const [part, data] of Object.entries(held)) {
      const evaluator = isLast ? this.#last : this.#between
      const batches = evaluator.evaluating(data, { keep: isLast && part === judgedOn })
      try {
        let batch = await batches.next()
        for (; batch.done !== true; batch = await batches.next()) {
          if (batch.value === data.length || performance.now() - told < 1000 * JUDGING_SECONDS) continue
          told = performance.now()
          yield { kind: 'judging', part, done: batch.value, total: data.length }
        }
        const evaluation = batch.value
        metrics[part] = evaluation.metrics
        if (isLast) this.found.set(part, evaluation)
      } finally {
        // Who listens may leave in the middle of a part.
        await batches.return(undefined as never)
      }
    }
    return metrics
  }

  /**
   * What the task keeps of the part that has the last word, nothing where nothing is held out; evaluated now where
   * the training ended before its last epoch.
   */
  async kept(): Promise<{ readonly part: string; readonly tensors: Readonly<Record<string, NamedTensor>> }> {
    const { held, judgedOn: part } = this.#plan
    const data = held[part]
    if (!data) return { part, tensors: {} }
    const evaluation = this.found.get(part) ?? (await this.#last.evaluate(data, { keep: true }))
    return { part, tensors: keptOutputs(evaluation, data, this.#answers) }
  }

  async release(): Promise<void> {
    await this.#last.release()
    if (this.#between !== this.#last) await this.#between.release()
  }
}

/** Whether the settings of the evaluations between epochs are others than those of the last. */
const evaluatesOtherwise = (between: Partial<TrainingSettings> | undefined, settings: TrainingSettings): boolean =>
  Object.entries(between ?? {}).some(([name, value]) => {
    const own = (settings as Readonly<Record<string, unknown>>)[name]
    return own !== undefined && own !== value
  })
