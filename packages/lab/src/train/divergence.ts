// What is said of a training whose numbers are none any more.
import { UserError } from '@ddlf/tensor/errors'
import type { RunStore } from '../runs/run-store.ts'
import type { MetricsByPart } from './position.ts'

const OF_EVALUATION = 'The evaluation gave no finite number, so the training stopped.'
const OF_LOSS = 'The loss is no longer a finite number, so the training stopped.'

/** What the reason of a run that diverged begins with. */
export const DIVERGED: readonly string[] = [OF_EVALUATION, OF_LOSS]

/** @param learningRate undefined where nothing is learned by it */
function notFinite(rule: string, what: string, learningRate: number | undefined, store: RunStore): UserError {
  const kept = store.loadCheckpoint('last')
  const remedy = learningRate === undefined
    ? 'Look at the settings and at the numbers of the data.'
    : 'Lower the learning rate, or set clipNorm.'
  return new UserError({
    rule,
    received: learningRate === undefined ? what : `${what}, with learning rate ${Number(learningRate.toPrecision(3))}`,
    next: `${remedy} ` +
      (kept ? `The checkpoint of step ${kept.loop.globalStep} is kept.` : 'No checkpoint was written yet.'),
  })
}

/**
 * A model that computes something else than numbers is no result.
 * @param learningRate undefined where nothing is learned by it
 * @throws UserError naming what is not finite
 */
export function assertFinite(
  metrics: MetricsByPart,
  epoch: number,
  learningRate: number | undefined,
  store: RunStore,
): void {
  const [broken] = Object.entries(metrics).flatMap(([split, values]) =>
    Object.entries(values).flatMap(([name, value]) =>
      Number.isFinite(value) ? [] : [`a ${name} of ${value} on the ${split} set`],
    ),
  )
  if (broken !== undefined)
    throw notFinite(
      OF_EVALUATION,
      `${broken} after epoch ${epoch}`,
      learningRate,
      store,
    )
}

/** The error of a step whose loss is no number. */
export const divergence = (
  name: string,
  loss: number,
  step: number,
  epoch: number,
  learningRate: number,
  store: RunStore,
): UserError =>
  notFinite(
    OF_LOSS,
    `a ${name} of ${loss} at step ${step} (epoch ${epoch})`,
    learningRate,
    store,
  )
