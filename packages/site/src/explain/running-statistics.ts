// What batch norm does in training and in use: means of batches, and the running mean that stands for them later.
import { normals, randomKey } from '@ddlf/tensor/random'
import { lineChart } from '../charts/line-chart.ts'

/** What the reader has chosen, and how many batches have come. */
export interface RunningState {
  /** Examples a batch. */
  readonly batch: number
  /** The share of a new batch in the running mean. */
  readonly momentum: number
  readonly step: number
}

export const RUNNING_STEPS = 60
export const RUNNING_START: RunningState = { batch: 8, momentum: 0.1, step: RUNNING_STEPS }

/** Where the true mean of a unit lies while the layers below it learn: it moves, then rests. */
export const trueMean = (step: number): number => 3 * (1 - Math.exp(-step / 12))

/** The means of batches whose numbers have deviation 1; the first one is of step 1. */
export function batchMeans(batch: number): number[] {
  return Array.from({ length: RUNNING_STEPS }, (_, i) => {
    const noise = normals(randomKey(5, 'running', i), batch)
    return trueMean(i + 1) + noise.reduce((a, b) => a + b, 0) / batch
  })
}

/** The running mean before the first batch, 0, and after each. */
export function runningMeans({ batch, momentum }: Omit<RunningState, 'step'>): number[] {
  let kept = 0
  return [0, ...batchMeans(batch).map(mean => (kept = (1 - momentum) * kept + momentum * mean))]
}

/** @param width pixels of the page's place for it */
export function drawRunning(state: RunningState, width: number): string {
  const steps = Array.from({ length: state.step + 1 }, (_, step) => step)
  const [batches, running] = [batchMeans(state.batch), runningMeans(state)]
  return lineChart({
    series: [
      { name: 'mean of a batch', colour: 1, points: steps.slice(1).map(step => [step, batches[step - 1] ?? 0]) },
      { name: 'running mean', colour: 0, points: steps.map(step => [step, running[step] ?? 0]) },
      { name: 'true mean', colour: 0, dashed: true, points: steps.map(step => [step, trueMean(step)]) },
    ],
    yTitle: 'mean of a unit', xTitle: 'batches', scale: 'linear', lastX: RUNNING_STEPS,
  }, width)
}

/** What the figure shows, in words. */
export function saidOfRunning(state: RunningState): string {
  const { batch, momentum, step } = state
  if (step === 0) return 'No batch has come yet: in use, the layer would subtract 0.'
  const running = runningMeans(state)[step] ?? 0
  const off = Math.abs(running - trueMean(step))
  const here = batchMeans(batch)[step - 1] ?? 0
  return (
    `After ${step} batches: in training the layer subtracts ${here.toFixed(2)}, the mean of this batch; in use it ` +
    `would subtract ${running.toFixed(2)}, which is ${off.toFixed(2)} off. ` +
    (momentum < 0.05
      ? 'So small a share follows too slowly.'
      : momentum > 0.5
        ? 'So large a share takes on the noise of single batches.'
        : 'A share between follows and still smooths.')
  )
}
