// Sums over the steps of an epoch or of a part of it, of which the curves of a training are means.
import type { Metrics } from '../tasks/task.ts'

/** Over the steps that a phase took part in. */
export interface PhaseSums {
  examples: number
  loss: number
  metrics: Record<string, number>
}

/** By the name of the phase, empty where there is one. Kept in checkpoints: a resumed run reports the same. */
export type StepSums = Record<string, PhaseSums>

export const noSums = (): StepSums => ({})

/** Sums as a checkpoint holds them: one from before steps had phases holds those of its one phase. */
export const savedSums = (saved: StepSums | PhaseSums): StepSums =>
  typeof saved.examples === 'number' ? { '': saved as PhaseSums } : (saved as StepSums)

/** What a phase reports of a step: its loss is a mean over the examples, its metrics are sums over them. */
export interface Reported {
  readonly phase: string
  readonly loss: number
  readonly metrics: Readonly<Record<string, number>>
}

/** Adds what a phase reports of a step. */
export function addTo(all: StepSums, examples: number, { phase, loss, metrics }: Reported): void {
  const sums = (all[phase] ??= { examples: 0, loss: 0, metrics: {} })
  sums.examples += examples
  sums.loss += loss * examples
  for (const [name, value] of Object.entries(metrics)) sums.metrics[name] = (sums.metrics[name] ?? 0) + value
}

/** What belongs to a phase bears its name where there are several: `critic.loss`. */
export const ofPhase = (phase: string, name: string): string => (phase === '' ? name : `${phase}.${name}`)

/** Means over the examples. */
export const means = (sums: StepSums): Metrics =>
  Object.fromEntries(
    Object.entries(sums).flatMap(([phase, { examples, loss, metrics }]) => [
      [ofPhase(phase, 'loss'), loss / examples],
      ...Object.entries(metrics).map(([name, sum]) => [ofPhase(phase, name), sum / examples] as const),
    ]),
  )

/** The mean loss of each phase. */
export const meanLosses = (sums: StepSums): Metrics =>
  Object.fromEntries(
    Object.entries(sums).map(([phase, { loss, examples }]) => [ofPhase(phase, 'loss'), loss / examples]),
  )
