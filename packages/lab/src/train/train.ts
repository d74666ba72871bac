// The training loop: it knows no model and no terminal, and tells what happens as events. Run it in a worker: the
// compiled step blocks its thread.
import { checkOptions } from '@ddlf/tensor/errors'
import type { Loader, LoaderOptions } from '@ddlf/data'
import type { RunStore } from '../runs/run-store.ts'
import { flatMetrics } from '../runs/run-summary.ts'
import { budgetText } from '../experiment/budget.ts'
import { Curve } from './curve.ts'
import { assertFinite } from './divergence.ts'
import { epochSteps } from './epoch-steps.ts'
import { failedEvent, type TrainEvent } from './events.ts'
import { finishRun } from './finish-run.ts'
import { fitRun } from './fit-run.ts'
import { HistogramLog } from './histograms.ts'
import { Judge } from './judge.ts'
import { planTraining, type Planned, type TrainingPlan } from './plan.ts'
import { now, Position } from './position.ts'
import { startEvent } from './start-event.ts'
import { means, noSums } from './sums.ts'

export type { MetricsByPart } from './position.ts'

/** What a training run needs. */
export interface TrainOptions extends Omit<Planned, 'goesOn'> {
  readonly store: RunStore
  /** Makes the loader; the one of `@ddlf/data/node` works ahead in a thread. */
  readonly createLoader: (options: LoaderOptions) => Loader
  /** Aborted: the run saves a checkpoint and stops after the current chunk of steps. */
  readonly signal?: AbortSignal
  /** Seconds between checkpoints inside an epoch; default 30. There is one at the end of each epoch anyway. */
  readonly checkpointSeconds?: number
}

/**
 * Trains the model of an experiment, from the store's checkpoint where it has one. A run that is interrupted and
 * resumed equals one that was not, bit for bit, on the same machine.
 * The events end with `done` or `failed`; mistakes do not throw.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void> {
  checkOptions('train', options, [
    'experiment', 'settings', 'train', 'test', 'validation', 'runtime', 'store', 'notes', 'createLoader',
    'signal', 'checkpointSeconds', 'mayBeUnjudged', 'start',
  ])
  try {
    if (options.experiment.task.fit) {
      yield* fitRun(options, options.experiment.task.fit)
      return
    }
    const training = new Training(options, planTraining({ ...options, goesOn: options.store.resumeFrom !== undefined }))
    try {
      yield* training.epochs()
    } finally {
      await training.release()
    }
  } catch (error) {
    options.store.fail(error)
    yield failedEvent(error)
  }
}

/** A training under way. */
class Training {
  readonly #options: TrainOptions
  readonly #plan: TrainingPlan
  readonly #loader: Loader
  readonly #judge: Judge
  readonly #histograms: HistogramLog | undefined
  readonly #at: Position
  readonly #curve: Curve
  #saved = now()

  constructor(options: TrainOptions, plan: TrainingPlan) {
    const { experiment, settings, runtime, store, createLoader } = options
    this.#options = options
    this.#plan = plan
    this.#loader = createLoader(plan.loading)
    this.#judge = new Judge(experiment, settings, plan, runtime)
    this.#histograms = settings.histograms ? new HistogramLog(experiment, settings, plan, runtime) : undefined
    if (store.resumeFrom) plan.stepper.load(store.resumeFrom.tensors)
    this.#at = new Position(store.resumeFrom?.loop)
    this.#curve = new Curve(this.#at, store, plan)
  }

  async *epochs(): AsyncGenerator<TrainEvent, void> {
    const { settings, signal, experiment: { task: { monitor } } } = this.#options
    const at = this.#at
    yield startEvent(this.#options, this.#plan, this.#loader, at.fromStep)
    let reason = budgetText(settings)
    let stopped = false
    for (; at.epoch < this.#plan.rounds && !stopped; at.epoch++) {
      // Asked here, so that a run that was killed behind its last epoch stops where it would have stopped.
      if (at.stepInEpoch === 0 && at.isOutOfPatience(settings.patience)) {
        const unit = settings.steps > 0 ? 'evaluations' : 'epochs'
        reason = `no better ${this.#plan.chosenBy} ${monitor.name} for ${settings.patience} ${unit}`
        break
      }
      // Asked while a listener held the first event.
      if (signal?.aborted === true && at.stepInEpoch === 0) {
        stopped = true
        break
      }
      if (!(yield* this.#epoch())) {
        if (at.stepInEpoch > 0) yield this.#save(at.epoch, false)
        stopped = true
        break
      }
      stopped = signal?.aborted === true && at.epoch + 1 < this.#plan.rounds
    }
    const { gradientNorm } = this.#curve
    yield await finishRun({ ...this.#options, plan: this.#plan, judge: this.#judge, at, reason, stopped, gradientNorm })
  }

  /**
   * Takes the steps of an epoch that are left, and judges the model at its end; stops before it where that was asked
   * for. @returns whether it came to its end
   */
  async *#epoch(): AsyncGenerator<TrainEvent, boolean> {
    const { experiment: { task }, settings, store } = this.#options
    const at = this.#at
    const started = now()
    const parts = { plan: this.#plan, loader: this.#loader, at, curve: this.#curve }
    const spent = yield* epochSteps({ ...this.#options, ...parts }, {
      started, isDue: seconds => now() - this.#saved > seconds, save: () => this.#save(at.epoch, false),
    })
    if (at.stepInEpoch < this.#loader.stepsPerEpoch) return false
    const evaluationStarted = now()
    const epoch = at.epoch + 1
    this.#plan.stepper.publish(settings.averageDecay > 0)
    const onHeld = yield* this.#judge.evaluate(epoch >= this.#plan.rounds || settings.patience > 0)
    const metrics = { train: means(at.epochSums), ...onHeld }
    store.appendMetrics({ step: at.globalStep, epoch, values: flatMetrics({ ...onHeld, epoch: metrics.train }) })
    const learningRate = this.#plan.learningRate(at.globalStep - 1)
    assertFinite(metrics, epoch, learningRate, store)
    const improved = at.judge(metrics, epoch, this.#plan.chosenBy, task)
    const [total, evaluation] = [now() - started, now() - evaluationStarted]
    at.epochSums = noSums()
    at.stepInEpoch = 0
    yield {
      kind: 'evaluation', epoch, step: at.globalStep, metrics, learningRate,
      samplesPerSecond: spent.examples / (total - evaluation),
      seconds: { total, step: spent.step, evaluation, loader: spent.loader },
    }
    await this.#histograms?.write(store, at.globalStep, epoch)
    yield this.#save(epoch, improved)
    return true
  }

  #save(epoch: number, best: boolean): TrainEvent {
    this.#options.store.saveCheckpoint({ tensors: this.#plan.stepper.tensors(), loop: this.#at.saved(epoch) }, { best })
    this.#saved = now()
    return { kind: 'checkpoint', step: this.#at.globalStep, best }
  }

  async release(): Promise<void> {
    await this.#histograms?.release()
    await this.#loader.close()
    await this.#judge.release()
    await this.#plan.stepper.release()
  }
}
