// A gradient on its way back: what one recurrent unit, and one cell with a forget gate, leave of it after some steps.
import { normals, randomKey } from '@ddlf/tensor/random'
import { lineChart } from '../charts/line-chart.ts'
import type { Chart } from '../charts/chart.ts'

/** What the reader has chosen, and how many steps back are shown. */
export interface ThroughTimeState {
  /** The recurrent weight. */
  readonly weight: number
  /** How strong the inputs are. */
  readonly input: number
  /** What the gate of the cell keeps of it at each step. */
  readonly gate: number
  readonly step: number
}

export const THROUGH_TIME_START: ThroughTimeState = { weight: 1.1, input: 0.5, gate: 0.95, step: 100 }
export const STEPS_BACK = 100
/** Less is nothing for a chart. */
const NOTHING = 1e-12
const [MOST, LEAST] = [1e6, NOTHING]

const inputs = normals(randomKey(1, 'inputs'), STEPS_BACK + 1)

/** The derivative of the last state by those before it: element k is k steps back. h = tanh(w h + x). */
export function leftOfGradient({ weight, input }: Pick<ThroughTimeState, 'weight' | 'input'>): number[] {
  let h = 0
  const slopes = Array.from(inputs, x => {
    h = Math.tanh(weight * h + input * x)
    return weight * (1 - h * h)
  })
  let left = 1
  return [1, ...Array.from({ length: STEPS_BACK }, (_, back) => (left *= slopes[STEPS_BACK - back] ?? 0))]
}

const within = (value: number) => Math.max(LEAST, Math.min(MOST, Math.abs(value)))

function chartOf(state: ThroughTimeState): Chart {
  const through = leftOfGradient(state)
  const upTo = (values: readonly number[]) =>
    values.slice(0, state.step + 1).map((value, back) => [back, within(value)] as const)
  const powers = (factor: number) => Array.from({ length: STEPS_BACK + 1 }, (_, back) => factor ** back)
  return {
    series: [
      { name: 'the unit', colour: 0, points: upTo(through) },
      { name: 'its weight alone', colour: 0, dashed: true, points: upTo(powers(state.weight)) },
      { name: 'the cell', colour: 1, points: upTo(powers(state.gate)) },
    ],
    yTitle: 'what is left of the gradient',
    xTitle: 'steps back',
    scale: 'log',
    lastX: STEPS_BACK,
  }
}

/** @param width pixels of the page's place for it */
export const drawThroughTime = (state: ThroughTimeState, width: number): string => lineChart(chartOf(state), width)

const shareText = (value: number) =>
  value < NOTHING ? 'nothing' : value < 0.001 || value >= 1000 ? value.toExponential(1) : value.toPrecision(2)

/** What the figure shows, in words. */
export function saidOfThroughTime(state: ThroughTimeState): string {
  const left = Math.abs(leftOfGradient(state)[state.step] ?? 0)
  const kept = state.gate ** state.step
  const outcome =
    left > 1000 ? 'It explodes.' : left < 0.001 ? 'It has vanished: nothing that far back can be learned from.' : ''
  return (
    `${state.step} steps back the unit's gradient is ${shareText(left)} of what it was; ` +
    `the cell's ${shareText(kept)}. ${outcome}`
  ).trim()
}
