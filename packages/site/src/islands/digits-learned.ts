// From how many digits a run in the page learned, in words: they arrive in shards, and a run begins on the first.
import type { ChartMark } from '../charts/chart.ts'
import { ALL_DIGITS, DIGITS, type Measurement } from '../workers/messages.ts'
import type { Arrived } from '../workers/mnist.ts'
import type { Status } from './training-status.ts'

const count = (value: number) => value.toLocaleString('en-US')

interface Learned {
  /** The numbers of digits that were there, each with the first step that drew from them. */
  readonly course: readonly { readonly step: number; readonly digits: number }[]
  /** The digits that the run was meant for. */
  readonly all: number
}

function learnedOf(measurements: readonly Measurement[]): Learned | undefined {
  const course = measurements.filter(({ name }) => name === DIGITS).map(({ step, value }) => ({ step, digits: value }))
  const all = measurements.find(({ name }) => name === ALL_DIGITS)?.value
  return course.length > 0 && all !== undefined ? { course, all } : undefined
}

/** Whether digits were missing when a run began. */
export function beganEarly(measurements: readonly Measurement[]): boolean {
  const learned = learnedOf(measurements)
  return learned !== undefined && learned.course[0]?.digits !== learned.all
}

/** What a run is called beside others: with its digits where some were missing. */
export function nameWithDigits(name: string, measurements: readonly Measurement[]): string {
  const learned = beganEarly(measurements) ? learnedOf(measurements) : undefined
  if (!learned) return name
  const ends = [learned.course[0]?.digits ?? 0, learned.course.at(-1)?.digits ?? 0]
  return `${name}, ${[...new Set(ends)].map(digits => `${Number((digits / 1000).toFixed(1))}k`).join('-')} digits`
}

/** Where more digits came to a run, for its curves: there they turn. */
export function digitMoments(measurements: readonly Measurement[]): Pick<ChartMark, 'x' | 'label'>[] {
  const all = measurements.find(({ name }) => name === ALL_DIGITS)?.value
  const came = measurements.filter(({ name }) => name === DIGITS).slice(1)
  return came.map(({ epoch, value }) => ({
    x: epoch, label: `${value === all ? 'all' : count(value)} digits from here`,
  }))
}

/** `3,000 digits, 10,000 from step 121, 60,000 from step 700` */
const courseWords = ({ course }: Learned) =>
  course.map(({ step, digits }, i) => `${count(digits)}${i === 0 ? ' digits' : ` from step ${count(step)}`}`).join(', ')

/** The line below the status of a run; empty before its first step. */
export function digitsWords(
  measurements: readonly Measurement[],
  arrived: Arrived | undefined,
  phase: Status['phase'],
): string {
  const learned = learnedOf(measurements)
  if (!learned) return ''
  const isPart = (learned.course.at(-1)?.digits ?? 0) < learned.all
  const lost = isPart && arrived?.trouble !== undefined ? `The rest did not arrive (${arrived.trouble}).` : ''
  if (phase === 'training') {
    const more = isPart ? lost || 'More are on their way.' : ''
    return `Learns from ${courseWords(learned)}. ${more}`.trim()
  }
  const early = beganEarly(measurements)
    ? 'They arrived while it trained, so this run cannot be repeated number by number; one that has them all from ' +
      'its first step can.'
    : ''
  const behind = lost === '' ? early : `${lost} The next run asks for it again.`
  return `Trained on ${courseWords(learned)}. ${behind}`.trim()
}
