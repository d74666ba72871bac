// What a training in the page says of itself, from what its worker reports.
import type { TrainEvent } from '@ddlf/lab'
import type { Arrived } from '../workers/mnist.ts'

export interface Status {
  readonly phase: 'idle' | 'loading' | 'training' | 'done' | 'stopped' | 'failed'
  readonly text: string
  /** Of the way, from 0 to 1. */
  readonly share: number
  /** Set where a run came to its end and is no better than a guess. */
  readonly atChance?: true
}

/** When a training began, and how long it will be. */
export interface Begun {
  steps: number
  /** Milliseconds, as `performance.now()` gives them. */
  at: number
}

const percent = (value: number) => `${(100 * value).toFixed(2)} %`

/** While the digits arrive. */
export const loadingStatus = ({ loaded, total }: { readonly loaded: number; readonly total: number }): Status => ({
  phase: 'loading',
  text: `Loading the first digits: ${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`,
  share: total > 0 ? loaded / total : 0,
})

/** While a run waits for all of them. */
export const arrivingStatus = ({ digits, of }: Arrived): Status => ({
  phase: 'loading',
  text: `${digits.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} digits are there ...`,
  share: digits / of,
})

/** Where a run was asked to stop while it was prepared. */
export const STOPPED_EARLY: Status = { phase: 'stopped', text: 'Stopped before the first step.', share: 0 }

/** After an event; undefined where it changes nothing. @param begun is set by the first event */
export function statusAfter(event: TrainEvent, begun: Begun): Status | undefined {
  if (event.kind === 'start') {
    Object.assign(begun, { steps: event.totalSteps, at: performance.now() })
    const text = `${event.parameters.toLocaleString('en-US')} parameters, compiling ...`
    return { phase: 'training', text, share: 0 }
  }
  if (event.kind === 'step') {
    const speed = Math.round(event.samplesPerSecond).toLocaleString('en-US')
    const left = event.secondsLeft.toFixed(0)
    const text = `Epoch ${event.epoch}, loss ${event.loss.toFixed(4)}, ${speed} digits a second, ${left} s left`
    return { phase: 'training', text, share: event.step / begun.steps }
  }
  if (event.kind === 'done') {
    const accuracy = event.metrics['test']?.['accuracy']
    const isWhole = event.status === 'completed'
    const seconds = ((performance.now() - begun.at) / 1000).toFixed(0)
    const result = accuracy === undefined ? '' : `: ${percent(accuracy)} of the test digits right`
    const atChance = event.advice !== undefined
    const said = atChance ? ', no better than guessing. A lower learning rate often helps' : ''
    const text = `${isWhole ? 'Done' : 'Stopped'} after ${seconds} s${result}${said}.`
    const share = event.step / begun.steps
    return { phase: isWhole ? 'done' : 'stopped', text, share, ...(atChance && { atChance }) }
  }
  if (event.kind !== 'failed') return undefined
  const { rule, received, next } = event.parts ?? { rule: event.message }
  return {
    phase: 'failed',
    text: [rule, received && `Received: ${received}.`, next].filter(Boolean).join(' '),
    share: 0,
  }
}
