// A run that takes no steps of a graph: the task learns by itself, and the model is judged and kept as any other.
import { intakeLine } from '@ddlf/data'
import { loadStateDict, parameterCount, stateDict, withSeed } from '@ddlf/nn'
import { flatMetrics } from '../runs/run-summary.ts'
import { encodeSafetensors } from '../runs/safetensors.ts'
import type { FitProgress, TaskFit } from '../tasks/task.ts'
import type { TrainingSettings } from '../experiment/experiment.ts'
import { idleNotes } from '../experiment/idle-settings.ts'
import { unseenClasses } from './class-balance.ts'
import { assertFinite, divergence } from './divergence.ts'
import { divide, learnedFrom } from './divide.ts'
import { Evaluator } from './evaluator.ts'
import type { DoneEvent, TrainEvent } from './events.ts'
import { adviceAtEnd } from './finish-run.ts'
import { Judge, type JudgedPlan } from './judge.ts'
import { heldOut } from './plan.ts'
import { now, Position } from './position.ts'
import { startEvent } from './start-event.ts'
import { requireStart } from './starting-weights.ts'
import type { TrainOptions } from './train.ts'

/**
 * What is there before anything is learned.
 * @throws UserError where it is to start from the weights of another run
 */
function planFit({ experiment, settings, ...given }: TrainOptions, fit: TaskFit<TrainingSettings>) {
  if (given.start) requireStart({ experiment, settings, start: given.start })
  const divided = divide(experiment, given.train, settings, given.validation !== undefined)
  const held = heldOut(experiment, settings, given, divided)
  const train = learnedFrom(divided)
  const { steps, passes } = fit.length?.(train, settings) ?? { steps: 1, passes: 1 }
  return {
    model: withSeed(settings.seed, () => experiment.model(settings)),
    train,
    held,
    chosenBy: held.validation ? 'validation' : held.test ? 'test' : 'train',
    judgedOn: held.test ? 'test' : held.validation ? 'validation' : 'train',
    notes: [
      ...(given.train.intake ? [intakeLine(given.train.intake)] : []),
      ...(given.notes ?? []),
      ...idleNotes(experiment, settings),
      ...unseenClasses(experiment, divided.train, divided.indices),
    ],
    rounds: passes,
    stepsPerPass: steps,
    totalSteps: steps * passes,
    stepper: { flopPerStep: 0 },
  }
}

type FitPlan = ReturnType<typeof planFit>

/** Lets the thread hear what it is told. */
const breath = () => new Promise<void>(resolve => setTimeout(resolve, 0))

/** Tells how far a task is, and keeps the mean loss of each pass. @returns whether it was asked to stop */
async function* follow(
  progress: Iterable<FitProgress>,
  { store, signal }: TrainOptions,
  { stepsPerPass, totalSteps, rounds }: FitPlan,
): AsyncGenerator<TrainEvent, boolean> {
  const started = now()
  let [epoch, losses] = [1, [] as number[]]
  for (const { done, loss, learningRate } of progress) {
    if (!Number.isFinite(loss)) throw divergence('loss', loss, done, epoch, learningRate, store)
    losses.push(loss)
    const seconds = Math.max(now() - started, 1e-9)
    const stepInEpoch = done - (epoch - 1) * stepsPerPass
    yield {
      kind: 'step', step: done, epoch, stepInEpoch, loss, losses: { loss }, learningRate,
      samplesPerSecond: done / seconds, secondsLeft: (seconds / done) * (totalSteps - done),
    }
    if (stepInEpoch >= stepsPerPass) {
      const mean = losses.reduce((sum, one) => sum + one, 0) / losses.length
      store.appendMetrics({ step: done, epoch, values: { 'epoch/loss': mean, learningRate } })
      losses = []
      epoch = Math.min(epoch + 1, rounds)
    }
    await breath()
    if (signal?.aborted) return true
  }
  return false
}

/** Learns, judges and saves, unless an earlier attempt has done so. @returns whether it was asked to stop before */
async function* learn(
  options: TrainOptions,
  fit: TaskFit<TrainingSettings>,
  plan: FitPlan,
  { at, judge }: { readonly at: Position; readonly judge: Judge },
): AsyncGenerator<TrainEvent, boolean> {
  const { experiment, settings, runtime, store } = options
  const { model, train, chosenBy } = plan
  const started = now()
  const progress = fit.learnInParts?.(model, train, settings)
  if (!progress) await fit.learn(model, train, settings)
  else if (yield* follow(progress, options, plan)) return true
  const learned = now()
  const evaluator = new Evaluator(experiment, settings, model, runtime)
  try {
    const onTrain = fit.judgesTraining !== false ? { train: (await evaluator.evaluate(train)).metrics } : {}
    const metrics = { ...onTrain, ...(yield* judge.evaluate(true)) }
    at.epoch = plan.rounds
    at.globalStep = plan.totalSteps
    store.appendMetrics({ step: at.globalStep, epoch: at.epoch, values: flatMetrics(metrics) })
    assertFinite(metrics, at.epoch, progress ? settings.learningRate : undefined, store)
    at.judge(metrics, at.epoch, chosenBy, experiment.task)
    const total = now() - started
    yield {
      kind: 'evaluation',
      epoch: at.epoch,
      step: at.globalStep,
      metrics,
      learningRate: 0,
      samplesPerSecond: (progress ? plan.totalSteps : train.length) / Math.max(learned - started, 1e-9),
      seconds: { total, step: learned - started, evaluation: now() - learned, loader: 0 },
    }
  } finally {
    await evaluator.release()
  }
  store.saveCheckpoint({ tensors: stateDict(model), loop: at.saved(at.epoch) }, { best: true })
  yield { kind: 'checkpoint', step: at.globalStep, best: true }
  return false
}

const passesText = (passes: number) =>
  passes === 1 ? 'one pass over the examples' : `${passes} passes over the examples`

/** Ends the run: keeps the outputs that its task keeps, and writes its summary. */
async function finish(options: TrainOptions, plan: FitPlan, at: Position, judge: Judge): Promise<DoneEvent> {
  const { store } = options
  const { model, chosenBy, totalSteps, rounds, train } = plan
  const { part, tensors } = await judge.kept()
  if (Object.keys(tensors).length > 0) store.writeArtifact(`${part}-outputs.safetensors`, encodeSafetensors(tensors))
  const { metrics, best, seconds } = at
  const end = {
    status: 'completed',
    reason: totalSteps === 1 ? 'learned from all examples at once' : passesText(rounds),
  } as const
  const advised = await adviceAtEnd({ ...options, plan, judge, at, train, facts: { withoutSteps: true } })
  const advice = advised !== undefined && { advice: advised }
  const parameters = parameterCount(model)
  store.finish({
    ...end, summary: { ...advice, metrics, best, chosenBy, steps: totalSteps, seconds, flop: 0, parameters },
  })
  return { kind: 'done', ...end, step: totalSteps, metrics, seconds, ...advice }
}

/** Ends a run that was asked to stop while it learned: nothing is kept of that, resumed it begins anew. */
function stop({ store }: TrainOptions, { model, chosenBy }: FitPlan, { seconds }: Position): DoneEvent {
  const end = { status: 'stopped', reason: 'stopped before it had learned; resumed, it begins anew' } as const
  const summary = { metrics: {}, best: null, chosenBy, steps: 0, seconds, flop: 0, parameters: parameterCount(model) }
  store.finish({ ...end, summary })
  return { kind: 'done', ...end, step: 0, metrics: {}, seconds }
}

/**
 * A run of a task that learns without steps: it counts as one, or as many as the task
 * counts itself. Resumed behind its checkpoint it reads what was learned;
 * before it, it learns the same again.
 */
export async function* fitRun(
  options: TrainOptions,
  fit: TaskFit<TrainingSettings>,
): AsyncGenerator<TrainEvent, void> {
  const { experiment, settings, runtime, store } = options
  const plan = planFit(options, fit)
  const at = new Position(store.resumeFrom?.loop)
  const judge = new Judge(experiment, settings, plan satisfies JudgedPlan, runtime)
  try {
    yield startEvent(options, plan, { length: plan.train.length, stepsPerEpoch: plan.stepsPerPass }, at.fromStep)
    if (store.resumeFrom) loadStateDict(plan.model, store.resumeFrom.tensors)
    else if (yield* learn(options, fit, plan, { at, judge })) {
      yield stop(options, plan, at)
      return
    }
    yield await finish(options, plan, at, judge)
  } finally {
    await judge.release()
  }
}
