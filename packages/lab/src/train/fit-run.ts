// A run that takes no steps: the task learns from all examples at once, and the model is judged and kept as any other.
import { UserError } from '@ddlf/tensor/errors'
import { intakeLine } from '@ddlf/data'
import { loadStateDict, parameterCount, stateDict, withSeed } from '@ddlf/nn'
import { flatMetrics } from '../runs/run-summary.ts'
import { encodeSafetensors } from '../runs/safetensors.ts'
import type { TaskFit } from '../tasks/task.ts'
import type { TrainingSettings } from '../experiment/experiment.ts'
import { unseenClasses } from './class-balance.ts'
import { divide, learnedFrom } from './divide.ts'
import { Evaluator } from './evaluator.ts'
import type { DoneEvent, TrainEvent } from './events.ts'
import { Judge, type JudgedPlan } from './judge.ts'
import { heldOut } from './plan.ts'
import { now, Position } from './position.ts'
import { startEvent } from './start-event.ts'
import type { TrainOptions } from './train.ts'

/**
 * What is there before anything is learned.
 * @throws UserError where it is to start from the weights of another run
 */
function planFit({ experiment, settings, ...given }: TrainOptions) {
  if (given.start) {
    throw new UserError({
      rule: `${experiment.name} learns without steps, from all examples at once: there is nothing to start from.`,
      received: given.start.run,
      next: 'Leave --from out.',
    })
  }
  const divided = divide(experiment, given.train, settings, given.validation !== undefined)
  const held = heldOut(experiment, settings, { ...given, validation: given.validation ?? divided.validation })
  return {
    model: withSeed(settings.seed, () => experiment.model(settings)),
    train: learnedFrom(divided),
    held,
    chosenBy: held.validation ? 'validation' : held.test ? 'test' : 'train',
    judgedOn: held.test ? 'test' : held.validation ? 'validation' : 'train',
    notes: [
      ...(given.train.intake ? [intakeLine(given.train.intake)] : []),
      ...(given.notes ?? []),
      ...unseenClasses(experiment, divided.train, divided.indices),
    ],
    rounds: 1,
    totalSteps: 1,
    stepper: { flopPerStep: 0 },
  }
}

type FitPlan = ReturnType<typeof planFit>

/** Learns, judges and saves, unless an earlier attempt has done so. */
async function* learn(
  { experiment, settings, runtime, store }: TrainOptions,
  fit: TaskFit<TrainingSettings>,
  { model, train, chosenBy }: FitPlan,
  { at, judge }: { readonly at: Position; readonly judge: Judge },
): AsyncGenerator<TrainEvent, void> {
  const started = now()
  await fit.learn(model, train, settings)
  const learned = now()
  const evaluator = new Evaluator(experiment, settings, model, runtime)
  try {
    const onTrain = fit.judgesTraining !== false ? { train: (await evaluator.evaluate(train)).metrics } : {}
    const metrics = { ...onTrain, ...(await judge.evaluate(true)) }
    at.epoch = at.globalStep = 1
    store.appendMetrics({ step: 1, epoch: 1, values: flatMetrics(metrics) })
    at.judge(metrics, 1, chosenBy, experiment.task)
    const total = now() - started
    yield {
      kind: 'evaluation',
      epoch: 1,
      step: 1,
      metrics,
      learningRate: 0,
      samplesPerSecond: train.length / Math.max(learned - started, 1e-9),
      seconds: { total, step: learned - started, evaluation: now() - learned, loader: 0 },
    }
  } finally {
    await evaluator.release()
  }
  store.saveCheckpoint({ tensors: stateDict(model), loop: at.saved(1) }, { best: true })
  yield { kind: 'checkpoint', step: 1, best: true }
}

/** Ends the run: keeps the outputs that its task keeps, and writes its summary. */
async function finish(
  { store }: TrainOptions,
  { model, chosenBy }: FitPlan,
  at: Position,
  judge: Judge,
): Promise<DoneEvent> {
  const { part, tensors } = await judge.kept()
  if (Object.keys(tensors).length > 0) store.writeArtifact(`${part}-outputs.safetensors`, encodeSafetensors(tensors))
  const { metrics, best, seconds } = at
  const end = { status: 'completed', reason: 'learned from all examples at once' } as const
  const parameters = parameterCount(model)
  store.finish({ ...end, summary: { metrics, best, chosenBy, steps: 1, seconds, flop: 0, parameters } })
  return { kind: 'done', ...end, step: 1, metrics, seconds }
}

/**
 * A run of a task that learns without steps: it counts as one. Resumed behind its checkpoint it reads what was learned;
 * before it, it learns the same again.
 */
export async function* fitRun(
  options: TrainOptions,
  fit: TaskFit<TrainingSettings>,
): AsyncGenerator<TrainEvent, void> {
  const { experiment, settings, runtime, store } = options
  const plan = planFit(options)
  const at = new Position(store.resumeFrom?.loop)
  const judge = new Judge(experiment, settings, plan satisfies JudgedPlan, runtime)
  try {
    yield startEvent(options, plan, { length: plan.train.length, stepsPerEpoch: 1 }, at.fromStep)
    if (store.resumeFrom) loadStateDict(plan.model, store.resumeFrom.tensors)
    else yield* learn(options, fit, plan, { at, judge })
    yield await finish(options, plan, at, judge)
  } finally {
    await judge.release()
  }
}
