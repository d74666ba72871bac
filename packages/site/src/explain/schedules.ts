// The same noisy descent under four schedules of the learning rate: arithmetic and drawing.
import { normals, randomKey } from '@ddlf/tensor/random'
import { lineChart } from '../charts/line-chart.ts'

export const SCHEDULES = ['constant', 'steps', 'cosine', 'one cycle'] as const
export type ScheduleName = (typeof SCHEDULES)[number]

/** What the reader has chosen, and how many steps are shown. */
export interface ScheduleState {
  readonly schedule: ScheduleName
  /** The highest rate. */
  readonly rate: number
  readonly step: number
}

export const SCHEDULE_STEPS = 300
export const SCHEDULE_START: ScheduleState = { schedule: 'steps', rate: 0.5, step: SCHEDULE_STEPS }
/** Two directions of the valley, one steep and one flat, and the noise of a batch's gradient. */
const CURVATURES = [1, 0.02] as const
const NOISE = 0.3
const RUNS = 24

/** The rate at a step, as a share of the highest. */
export function shareAt(schedule: ScheduleName, step: number): number {
  const done = step / SCHEDULE_STEPS
  if (schedule === 'steps') return done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01
  if (schedule === 'cosine') return (1 + Math.cos(Math.PI * done)) / 2
  if (schedule !== 'one cycle') return 1
  return done < 0.3 ? 0.04 + (0.96 * done) / 0.3 : (1 + Math.cos((Math.PI * (done - 0.3)) / 0.7)) / 2
}

const kept = new Map<string, readonly number[]>()

/** The loss at the start and after each step, the mean of some descents that differ in their noise alone. */
export function lossesUnder({ schedule, rate }: Omit<ScheduleState, 'step'>): readonly number[] {
  const key = `${schedule} ${rate}`
  const known = kept.get(key)
  if (known) return known
  const losses = new Array<number>(SCHEDULE_STEPS + 1).fill(0)
  for (let run = 0; run < RUNS; run++) {
    const noise = normals(randomKey(7, 'schedules', run), 2 * SCHEDULE_STEPS, 0, NOISE)
    const at = [2, 6]
    for (let step = 0; step <= SCHEDULE_STEPS; step++) {
      const loss = at.reduce((sum, x, i) => sum + ((CURVATURES[i] ?? 0) * x * x) / 2, 0)
      losses[step] = (losses[step] ?? 0) + loss / RUNS
      CURVATURES.forEach((curvature, i) => {
        const gradient = curvature * (at[i] ?? 0) + (noise[2 * step + i] ?? 0)
        at[i] = (at[i] ?? 0) - rate * shareAt(schedule, step) * gradient
      })
    }
  }
  kept.set(key, losses)
  return losses
}

/** @param width pixels of the page's place for it */
export function drawSchedule(state: ScheduleState, width: number): string {
  const line = (schedule: ScheduleName) =>
    lossesUnder({ schedule, rate: state.rate }).slice(0, state.step + 1).map((loss, step) => [step, loss] as const)
  const others = SCHEDULES.filter(name => name === 'constant' && name !== state.schedule)
  return lineChart({
    series: [
      { name: state.schedule, colour: 0, points: line(state.schedule) },
      ...others.map(name => ({ name, colour: 1 as const, points: line(name) })),
    ],
    yTitle: 'loss', xTitle: 'step', scale: 'log', lastX: SCHEDULE_STEPS,
  }, width)
}

/** What the figure shows, in words. */
export function saidOfSchedule({ schedule, rate, step }: ScheduleState): string {
  const [mine = 0, constant = 0] = ([schedule, 'constant'] as const).map(
    name => lossesUnder({ schedule: name, rate })[step] ?? 0,
  )
  const now = rate * shareAt(schedule, step)
  const beside = schedule === 'constant' ? '' : `; at a constant rate it would be ${constant.toPrecision(2)}`
  return `Step ${step}: the rate is ${Number(now.toPrecision(2))}, the loss ${mine.toPrecision(2)}${beside}.`
}
