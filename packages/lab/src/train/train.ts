// The training loop: it knows no model and no terminal, and tells what happens as events. Run it in a worker: the
// compiled step blocks its thread.
import { checkLabels, type LabelCheck, type Runtime, type TypedArray } from '@ddlf/tensor'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { randomKey } from '@ddlf/tensor/random'
import { createLoader as createPlainLoader, intakeLine, splitIndices, subset, take, type Chunk, type Dataset, type Loader, type LoaderOptions } from '@ddlf/data'
import { parameterCount, trainingStep, withSeed } from '@ddlf/nn'
import type { Evaluation, Experiment, Metrics, RunFacts, TrainingSettings } from '../experiment/experiment.ts'
import type { Checkpoint, RunStore } from '../runs/run-store.ts'
import { encodeSafetensors } from '../runs/safetensors.ts'
import { classBalance } from './class-balance.ts'
import { ddlfCommand } from '../command-text.ts'
import { Evaluator, keptOutputs } from './evaluator.ts'
import { stepColumns } from '../experiment/experiment-data.ts'
import { failedEvent, type EpochSeconds, type TrainEvent } from './events.ts'
import { HistogramLog } from './histograms.ts'
import { learningRateOf, stepOptions } from '../experiment/recipe.ts'
import { adviceOnRun } from './run-advice.ts'
import { Stepper } from './stepper.ts'

/** What a training run needs. */
export interface TrainOptions {
  readonly experiment: Experiment
  readonly settings: TrainingSettings
  readonly train: Dataset
  readonly test: Dataset
  /** Examples held out in a folder or file of their own: they choose the best checkpoint, instead of a share of the training data. */
  readonly validation?: Dataset
  readonly runtime: Runtime
  readonly store: RunStore
  /** What a user should know of the data; told at the start. */
  readonly notes?: readonly string[]
  /** Makes the loader; the one of `@ddlf/data/node` works ahead in a thread. */
  readonly createLoader: (options: LoaderOptions) => Loader
  /** Aborted: the run saves a checkpoint and stops after the current chunk of steps. */
  readonly signal?: AbortSignal
  /** Seconds between checkpoints inside an epoch; default 30. There is one at the end of each epoch anyway. */
  readonly checkpointSeconds?: number
}

/** Steps in one run of the compiled graph: limited by memory, and by work so that a stop is answered soon. */
const CHUNK = { steps: 100, bytes: 4 * 2 ** 20, flop: 2e10 } as const
/** Points of the training curve in one epoch. */
const LOGS_PER_EPOCH = 50

/** Sums over the steps of an epoch or of a part of it; kept in the checkpoint, so that a resumed run reports the same means. */
interface Sums {
  examples: number
  loss: number
  metrics: Record<string, number>
}

const noSums = (): Sums => ({ examples: 0, loss: 0, metrics: {} })

/** The part of a checkpoint's loop state that is this loop's own. */
interface Progress {
  readonly epoch: number
  readonly stepInEpoch: number
  readonly globalStep: number
  readonly epochSums: Sums
  readonly windowSums: Sums
  readonly best: { readonly value: number; readonly epoch: number; readonly metrics: Record<string, Metrics> } | null
  readonly metrics: Record<string, Metrics>
  readonly seconds: number
}

const now = () => performance.now() / 1000

const means = ({ examples, loss, metrics }: Sums): Metrics =>
  Object.fromEntries([['loss', loss / examples], ...Object.entries(metrics).map(([name, sum]) => [name, sum / examples] as const)])

function addTo(sums: Sums, examples: number, loss: number, metrics: Readonly<Record<string, number>>): void {
  sums.examples += examples
  sums.loss += loss * examples
  for (const [name, value] of Object.entries(metrics)) sums.metrics[name] = (sums.metrics[name] ?? 0) + value
}

/** The stacked values of the inputs that no column gives, for the steps of a chunk. */
function stepInputs(chunk: Chunk, globalStep: number, seed: number, learningRate: (step: number) => number): Record<string, TypedArray> {
  const steps = Array.from({ length: chunk.steps }, (_, i) => globalStep + i)
  return {
    learningRate: Float32Array.from(steps, learningRate),
    step: Float32Array.from(steps, step => step + 1),
    randomKey: Int32Array.from(steps.flatMap(step => [...randomKey(seed, 'step', step)])),
  }
}

/** Divides the training data as the settings ask: a part to learn from, and a part held out when there is one. */
export function divide(experiment: Pick<Experiment, 'trainingSet'>, train: Dataset, settings: TrainingSettings): { train: Dataset; indices?: Int32Array; validation?: Dataset } {
  const { trainExamples, validation, seed } = settings
  const chosen = experiment.trainingSet?.(train, settings) ?? train
  const used = trainExamples > 0 ? take(chosen, trainExamples) : chosen
  if (validation === 0) return { train: used }
  const stratify = used.columns['labels'] ? { stratifyBy: 'labels' } : {}
  const parts = splitIndices(used, { fractions: { train: 1 - validation, validation }, seed, ...stratify })
  return { train: used, indices: parts.train, validation: subset(used, parts.validation) }
}

/**
 * Trains the model of an experiment, from the store's checkpoint where it has one. A run that is interrupted and resumed
 * equals one that was not, bit for bit, on the same machine.
 * The events end with `done` or `failed`; mistakes do not throw.
 */
export async function* train(options: TrainOptions): AsyncGenerator<TrainEvent, void> {
  checkOptions('train', options, [
    'experiment', 'settings', 'train', 'test', 'validation', 'runtime', 'store', 'notes', 'createLoader',
    'signal', 'checkpointSeconds',
  ])
  try {
    yield* run(options)
  } catch (error) {
    options.store.fail(error)
    yield failedEvent(error)
  }
}

async function* run({ experiment, settings, test, runtime, store, createLoader, signal, checkpointSeconds = 30, notes: told = [], ...given }: TrainOptions): AsyncGenerator<TrainEvent, void> {
  const { task } = experiment
  const { train: dataset, indices, validation = given.validation } = divide(experiment, given.train, given.validation ? { ...settings, validation: 0 } : settings)
  const held: Record<string, Dataset> = { ...(validation && { validation }), test }
  const chosenBy = validation ? 'validation' : 'test'
  const model = withSeed(settings.seed, () => experiment.model(settings))
  experiment.prepare?.(model, indices ? subset(dataset, indices) : dataset, settings)

  const { classWeights, ...balance } = classBalance(experiment, settings, dataset, indices)
  const asked = {
    dataset, ...(indices && { indices }), ...balance, batchSize: settings.batchSize, seed: settings.seed, shuffle: true,
    dropLast: settings.dropLast, transforms: experiment.transforms(settings),
  }
  // Only asked for the form of their batches.
  const every = createPlainLoader(asked)
  const { teacher } = experiment
  const columns = stepColumns(task, every.columns)
  if (teacher?.settings(settings) && !columns.includes(teacher.column)) throw untaught(experiment, teacher.column)
  const batchOf = (batchSize: number) => Object.fromEntries(columns.map(name => [name, batchSpec(every.columns, name, batchSize)]))
  const build = (batchSize: number, stepsPerEpoch: number) =>
    trainingStep(stepOptions(experiment, settings, model, batchOf(batchSize), settings.epochs * stepsPerEpoch, classWeights ? { classWeights } : {}))
  const lone = every.length % settings.batchSize
  // Each part of so small a batch is one example, and a batch norm may have nothing to compare it with.
  const dropsLone = lone > 0 && lone <= settings.accumulate && every.length > settings.batchSize && !trains(() => build(lone, every.stepsPerEpoch))
  const base = dropsLone ? { ...asked, dropLast: true } : asked
  const probe = dropsLone ? createPlainLoader(base) : every
  const notes = [
    ...(given.train.intake ? [intakeLine(given.train.intake)] : []),
    ...told,
    ...(dropsLone ? [`the last batch of an epoch, of ${lone} ${lone === 1 ? 'example' : 'examples'}, is left out: batch norm cannot learn from it`] : []),
    ...(classWeights ? [`weights of the classes: ${named(classWeights, dataset.classes)}`] : []),
  ]
  const largest = Math.min(settings.batchSize, probe.length)
  const stepper = new Stepper(runtime, batchSize => build(batchSize, probe.stepsPerEpoch), largest)
  checkLabelColumns(dataset, stepper.labels)
  const loader = createLoader({ ...base, chunkSteps: chunkSteps(probe, stepper.flopPerStep) })
  const evaluator = new Evaluator(experiment, settings, model, test, runtime)
  const evaluatorBetween = settings.patience === 0 && evaluatesOtherwise(task.between, settings)
    ? new Evaluator(experiment, { ...settings, ...task.between }, model, test, runtime)
    : evaluator
  const histograms = settings.histograms ? new HistogramLog(experiment, settings, model, probe, batchOf(largest), runtime) : undefined
  try {
    yield* epochs()
  } finally {
    await histograms?.release()
    await loader.close()
    await evaluator.release()
    if (evaluatorBetween !== evaluator) await evaluatorBetween.release()
    await stepper.release()
  }

  async function* epochs(): AsyncGenerator<TrainEvent, void> {
    const { stepsPerEpoch } = loader
    const totalSteps = settings.epochs * stepsPerEpoch
    const learningRate = learningRateOf(settings, stepsPerEpoch)
    const logEvery = Math.max(1, Math.round(stepsPerEpoch / LOGS_PER_EPOCH))
    const metricNames = stepper.reported.filter(name => name !== 'loss' && name !== 'gradientNorm')

    const resumed = store.resumeFrom
    if (resumed) stepper.load(resumed.tensors)
    const loop = resumed?.loop as Progress | undefined
    let globalStep = loop?.globalStep ?? 0
    let stepInEpoch = loop?.stepInEpoch ?? 0
    let epochSums = loop?.epochSums ?? noSums()
    let windowSums = loop?.windowSums ?? noSums()
    let best = loop?.best ?? null
    let metrics = loop?.metrics ?? {}
    const secondsBefore = loop?.seconds ?? 0
    const started = now()
    const fromStep = globalStep
    let saved = started

    const save = (epoch: number, isBest: boolean): TrainEvent => {
      const progress: Progress = { epoch, stepInEpoch, globalStep, epochSums, windowSums, best, metrics, seconds: secondsBefore + now() - started }
      store.saveCheckpoint({ tensors: stepper.tensors(), loop: progress as unknown as Checkpoint['loop'] }, { best: isBest })
      saved = now()
      return { kind: 'checkpoint', step: globalStep, best: isBest }
    }

    yield {
      kind: 'start', experiment: experiment.name, run: store.name, dataset: experiment.dataset, settings: { ...settings },
      parameters: parameterCount(model), trainExamples: loader.length, stepsPerEpoch, totalSteps, epochs: settings.epochs, fromStep,
      runtime: runtime.name, splits: ['train', ...Object.keys(held)], notes, flopPerStep: stepper.flopPerStep,
    }

    let stopped = false
    let onTest: Evaluation | undefined
    let onHeld: Evaluation | undefined
    let gradientNorm: number | undefined
    let reason = `all ${settings.epochs} epochs`
    let epoch = loop?.epoch ?? 0
    for (; epoch < settings.epochs; epoch++) {
      // Asked here, so that a run that was killed behind its last epoch stops where it would have stopped.
      if (settings.patience > 0 && stepInEpoch === 0 && best !== null && epoch - best.epoch >= settings.patience) {
        reason = `no better ${chosenBy} ${task.monitor.metric} for ${settings.patience} epochs`
        break
      }
      const epochStarted = now()
      const seconds = { step: 0, evaluation: 0, loader: 0 }
      let examplesHere = 0
      let waiting = now()
      for await (const chunk of loader.epoch(epoch, stepInEpoch)) {
        const before = now()
        seconds.loader += before - waiting
        const results = await stepper.run(chunk, stepInputs(chunk, globalStep, settings.seed, learningRate))
        seconds.step += now() - before
        for (let i = 0; i < chunk.steps; i++) {
          const loss = results['loss']?.[i] as number
          if (!Number.isFinite(loss)) throw divergence(loss, globalStep + i + 1, epoch + 1, learningRate(globalStep + i), store)
          const values = Object.fromEntries(metricNames.map(name => [name, results[name]?.[i] as number]))
          addTo(epochSums, chunk.batchSize, loss, values)
          addTo(windowSums, chunk.batchSize, loss, values)
          const position = stepInEpoch + i + 1
          if (position % logEvery === 0 || position === stepsPerEpoch) {
            gradientNorm = results['gradientNorm']?.[i]
            const row = { ...prefixed('train', means(windowSums)), learningRate: learningRate(globalStep + i), ...(gradientNorm !== undefined && { gradientNorm }) }
            store.appendMetrics({ step: globalStep + i + 1, epoch: epoch + position / stepsPerEpoch, values: row })
            windowSums = noSums()
          }
        }
        globalStep += chunk.steps
        stepInEpoch += chunk.steps
        examplesHere += chunk.steps * chunk.batchSize
        const elapsed = now() - epochStarted
        const pace = (now() - started) / (globalStep - fromStep)
        yield {
          kind: 'step', step: globalStep, epoch: epoch + 1, stepInEpoch, loss: epochSums.loss / epochSums.examples,
          learningRate: learningRate(globalStep - 1), samplesPerSecond: examplesHere / elapsed, secondsLeft: pace * (totalSteps - globalStep),
        }
        if (signal?.aborted) {
          stopped = true
          break
        }
        if (now() - saved > checkpointSeconds && stepInEpoch < stepsPerEpoch) yield save(epoch, false)
        waiting = now()
      }
      if (stopped && stepInEpoch < stepsPerEpoch) {
        yield save(epoch, false)
        break
      }

      const evaluationStarted = now()
      stepper.publish(settings.averageDecay > 0)
      metrics = { train: means(epochSums) }
      const judge = epoch + 1 < settings.epochs ? evaluatorBetween : evaluator
      for (const [split, data] of Object.entries(held)) {
        const evaluation = await judge.evaluate(data)
        metrics[split] = evaluation.metrics
        if (split === 'test' && judge === evaluator) onTest = evaluation
        if (split === chosenBy) onHeld = evaluation
      }
      seconds.evaluation = now() - evaluationStarted
      const values = Object.assign({}, ...Object.entries(metrics).filter(([split]) => split !== 'train').map(([split, m]) => prefixed(split, m))) as Record<string, number>
      store.appendMetrics({ step: globalStep, epoch: epoch + 1, values: { ...values, ...prefixed('epoch', metrics['train'] as Metrics) } })

      assertFinite(metrics, epoch + 1, learningRate(globalStep - 1), store)

      const value = metrics[chosenBy]?.[task.monitor.metric] ?? Number.NaN
      // A value that was no number (a run of an earlier version) is worse than every other.
      const improved = best === null || !Number.isFinite(best.value) || (task.monitor.better === 'higher' ? value > best.value : value < best.value)
      if (improved) best = { value, epoch: epoch + 1, metrics }
      const total: EpochSeconds = { total: now() - epochStarted, ...seconds }
      epochSums = noSums()
      stepInEpoch = 0
      yield {
        kind: 'evaluation', epoch: epoch + 1, step: globalStep, metrics, learningRate: learningRate(globalStep - 1),
        samplesPerSecond: examplesHere / (total.total - total.evaluation), seconds: total,
      }
      await histograms?.write(store, globalStep, epoch + 1)
      yield save(epoch + 1, improved)
      if (stopped) {
        epoch++
        break
      }
    }

    const completed = !stopped || epoch >= settings.epochs
    if (completed) {
      // A run resumed behind its last epoch has not published its weights yet.
      stepper.publish(settings.averageDecay > 0)
      keepOutputs(onTest ?? (await evaluator.evaluate(test)))
    }
    const end = { status: completed ? 'completed' : 'stopped', reason: completed ? reason : `asked to stop at step ${globalStep}` } as const
    const total = secondsBefore + now() - started
    const facts: RunFacts = {
      learningRate: settings.learningRate, ...(metrics['train'] && { training: metrics['train'] }),
      ...(gradientNorm !== undefined && { gradientNorm }), ...(onHeld && { outputs: onHeld.outputs }),
      ...(lone > 0 && loader.stepsPerEpoch > 1 && !settings.dropLast && !dropsLone && { lastBatch: lone }),
    }
    const heldOut = held[chosenBy] as Dataset
    const learnedFrom = indices ? subset(dataset, indices) : dataset
    const advice = completed ? await adviceOnRun({ experiment, model, metrics: metrics[chosenBy] ?? {}, heldOut, train: learnedFrom, runtime, facts }) : undefined
    store.finish({
      ...end,
      summary: {
        ...(advice && { advice }),
        metrics: metrics, best: best, chosenBy, steps: globalStep, seconds: total,
        flop: stepper.flopPerStep * globalStep, parameters: parameterCount(model),
      },
    })
    yield { kind: 'done', ...end, step: globalStep, metrics, seconds: total, ...(advice && { advice }) }
  }

  /** Keeps the raw outputs on the test set with the run: what every analysis starts from. */
  function keepOutputs(evaluation: Evaluation): void {
    store.writeArtifact('test-outputs.safetensors', encodeSafetensors(keptOutputs(evaluation, test)))
  }
}

/** Whether a training step can be built. */
function trains(build: () => unknown): boolean {
  try {
    build()
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}

const NAMED = 10

/** `cat 0.6, dog 3` */
const named = (values: readonly number[], names: readonly string[] = []): string =>
  [...values.slice(0, NAMED).map((value, k) => `${names[k] ?? k} ${Number(value.toPrecision(3))}`), ...(values.length > NAMED ? ['...'] : [])].join(', ')

const prefixed = (split: string, metrics: Metrics): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${split}/${name}`, value]))

/** A model that computes something else than numbers is no result. @throws UserError naming what is not finite */
function assertFinite(metrics: Readonly<Record<string, Metrics>>, epoch: number, learningRate: number, store: RunStore): void {
  const [broken] = Object.entries(metrics).flatMap(([split, values]) =>
    Object.entries(values).flatMap(([name, value]) => (Number.isFinite(value) ? [] : [`a ${name} of ${value} on the ${split} set`])))
  if (broken !== undefined) throw notFinite('The evaluation gave no finite number, so the training stopped.', `${broken} after epoch ${epoch}`, learningRate, store)
}

const divergence = (loss: number, step: number, epoch: number, learningRate: number, store: RunStore): UserError =>
  notFinite('The loss is no longer a finite number, so the training stopped.', `a loss of ${loss} at step ${step} (epoch ${epoch})`, learningRate, store)

function notFinite(rule: string, what: string, learningRate: number, store: RunStore): UserError {
  const kept = store.loadCheckpoint('last')
  return new UserError({
    rule,
    received: `${what}, with learning rate ${Number(learningRate.toPrecision(3))}`,
    next: `Lower the learning rate, or set clipNorm. ${kept ? `The checkpoint of step ${kept.loop.globalStep} is kept.` : 'No checkpoint was written yet.'}`,
  })
}

/** Names a label that is no class before the first step, by its row in the data: a step knows only its place in a batch. */
function checkLabelColumns(dataset: Dataset, checks: readonly LabelCheck[]): void {
  for (const { labels, classes, ignoreIndex } of checks) {
    const column = dataset.columns[labels.leaf?.name ?? '']
    if (column) checkLabels(column.data, { classes, ignoreIndex, shape: [dataset.length, ...column.shape], source: dataset.name })
  }
}

/** Whether the settings of the evaluations between epochs are others than those of the last. */
const evaluatesOtherwise = (between: Experiment['task']['between'], settings: TrainingSettings): boolean =>
  Object.entries(between ?? {}).some(([name, value]) => {
    const own = (settings as Readonly<Record<string, unknown>>)[name]
    return own !== undefined && own !== value
  })

const untaught = ({ name, teacher }: Experiment, column: string) => new UserError({
  rule: `${name} learns from what a run of ${teacher?.experiment.name ?? ''} says of the training examples.`,
  received: `data without the column '${column}'`,
  next: `Train it where runs are kept: ${ddlfCommand('train', name)}`,
})

const batchSpec = (columns: Loader['columns'], name: string, batchSize: number) => {
  const column = columns[name]
  if (!column) throw new UserError({ rule: `The data set has no column '${name}', which the task reads.`, received: Object.keys(columns).join(', ') })
  return { shape: [batchSize, ...column.shape], dtype: column.dtype }
}

/** The steps that one run of the compiled graph takes. */
function chunkSteps(plan: { readonly columns: Loader['columns']; readonly batchSize: number }, flopPerStep: number): number {
  const bytes = Object.values(plan.columns).reduce((sum, { dtype, shape }) => sum + plan.batchSize * (dtype === 'uint8' ? 1 : 4) * shape.reduce((a, b) => a * b, 1), 0)
  return Math.max(1, Math.min(CHUNK.steps, Math.floor(CHUNK.bytes / bytes), Math.floor(CHUNK.flop / Math.max(flopPerStep, 1))))
}
