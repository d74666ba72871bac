// Shows a training: on a terminal one line an epoch that stays over one live bar; elsewhere plain timed lines; or JSON
// lines.
import type { EvaluationEvent, JudgingEvent, LoadingEvent, Metric, StartEvent, StepEvent, TrainEvent } from '@ddlf/lab'
import { pc } from './colour.ts'
import { formatCount, formatDuration, formatMetric, formatNumber, metricOf, wrapText } from './format.ts'
import { liveText } from './live.ts'
import { columnsOf } from './terminal-width.ts'

/** Listens to a training and shows it. */
export interface ProgressView {
  show(event: TrainEvent): void
  /** Leaves the terminal tidy. */
  close(): void
}

type Output = NodeJS.WriteStream

/** What an evaluation ends: an epoch, or some steps of a budget in steps. */
const roundOf = ({ settings }: Pick<StartEvent, 'settings'>) => (Number(settings['steps']) > 0 ? 'evaluation' : 'epoch')

const counted = (count: number, unit: string) => `${formatCount(count)} ${count === 1 ? unit : `${unit}s`}`

/** `12 epochs of 938 steps`; `2,000 steps, evaluated every 500` */
function lengthOf(event: StartEvent): string {
  const { epochs, totalSteps, stepsPerEpoch } = event
  return roundOf(event) === 'epoch'
    ? `${counted(epochs, 'epoch')} of ${counted(stepsPerEpoch, 'step')}`
    : `${formatCount(totalSteps)} steps, evaluated every ${formatCount(stepsPerEpoch)}`
}

const startLines = (event: StartEvent): string[] => [
  `${pc.bold(event.experiment)}: ${formatCount(event.trainExamples)} examples ` +
  `of ${event.dataset}, ${formatCount(event.parameters)} parameters, ` +
    `${lengthOf(event)}${event.fromStep > 0 ? `, going on from step ${formatCount(event.fromStep)}` : ''}`,
  pc.dim(`run ${event.run}, ${event.runtime}, ${formatCount(event.flopPerStep * event.totalSteps)} FLOP in all; ` +
    `figures are ${event.splits.join(' / ')}`),
  ...event.notes.map(note => pc.dim(note)),
]

/**
 * `epoch  1/12  loss 0.3203 / 0.1311  lr 0.03752  46,385/s  1.4s`, without the last where
 * they do not fit.
 */
function epochLine(event: EvaluationEvent, start: StartEvent, columns = Infinity): string {
  const { epochs, metrics: described } = start
  const splits = Object.values(event.metrics)
  const shown = [...new Set(splits.flatMap(Object.keys))]
    // What is measured at several places (`beam/4`) is for the record, not for a line.
    .filter(name => !name.includes('/'))
    .map(name => metricOf(described, name))
    .filter(({ quiet }) => quiet !== true)
  const show = (metric: Metric) =>
    splits.map(({ [metric.name]: value }) => (value === undefined ? '-' : formatMetric(metric, value))).join(' / ')
  const at = `${roundOf(start)} ${String(event.epoch).padStart(String(epochs).length)}/${epochs}`
  const figures = [at, ...shown.map(metric => `${metric.name} ${show(metric)}`)]
  const others = [
    formatDuration(event.seconds.total),
    `lr ${formatNumber(event.learningRate)}`,
    `${formatCount(event.samplesPerSecond)}/s`,
  ]
  const line = (kept: number) => [...figures, ...others.slice(1, kept), ...others.slice(0, kept > 0 ? 1 : 0)].join('  ')
  return [3, 2, 1].map(line).find(text => text.length <= columns) ?? line(0)
}

const BAR = 24

/** `epoch 1/12  step 30/938  loss 0.4213` */
const whereIn = (
  { epoch, stepInEpoch, losses }: StepEvent,
  start: Pick<StartEvent, 'epochs' | 'stepsPerEpoch' | 'settings'>,
) => {
  const { epochs, stepsPerEpoch } = start
  const at = `${roundOf(start)} ${epoch}/${epochs}  step ${stepInEpoch}/${stepsPerEpoch}`
  const told = Object.entries(losses).map(([name, value]) => `${name} ${formatMetric({ format: 'fixed' }, value)}`)
  return [at, ...told].join('  ')
}

/**
 * A bar and words behind it, the words alone where there is little room, cut to the width of the terminal: a line that
 * wraps is not taken back.
 */
function barBefore(text: string, share: number, columns: number): string {
  if (columns < 2 * BAR) return text.slice(0, columns - 1)
  const filled = Math.round(BAR * share)
  return `${'━'.repeat(filled)}${pc.dim('─'.repeat(BAR - filled))}  ${text.slice(0, columns - BAR - 3)}`
}

function barLine(event: StepEvent, start: StartEvent, columns: number): string {
  const pace = `${formatCount(event.samplesPerSecond)}/s  ${formatDuration(event.secondsLeft)} left`
  return barBefore(`${whereIn(event, start)}  ${pace}`, event.step / start.totalSteps, columns)
}

/** What is neither a step nor an epoch, and may take long. */
type WaitingEvent = LoadingEvent | JudgingEvent
const isWaiting = (event: TrainEvent): event is WaitingEvent => event.kind === 'loading' || event.kind === 'judging'

function waitingText(event: WaitingEvent): string {
  const what = event.kind === 'loading' ? `reading ${event.items}` : `judging by ${event.part}`
  return `${what}  ${formatCount(event.done)}/${formatCount(event.total)}`
}

const waitingLine = (event: WaitingEvent, columns: number): string =>
  barBefore(waitingText(event), event.done / Math.max(1, event.total), columns)

/** One line an epoch that stays, over one live bar. */
function terminalView(output: Output): ProgressView {
  const update = liveText(output)
  let start: StartEvent | undefined
  const keep = (line: string) => {
    update.clear()
    output.write(`${line}\n`)
  }
  return {
    show(event) {
      if (event.kind === 'start') {
        start = event
        startLines(event).forEach(line => keep(wrapText(line, columnsOf(output))))
      } else if (isWaiting(event)) {
        update(waitingLine(event, columnsOf(output)))
      } else if (event.kind === 'step' && start) {
        update(barLine(event, start, columnsOf(output)))
      } else if (event.kind === 'evaluation' && start) {
        keep(epochLine(event, start, columnsOf(output)))
      }
    },
    close: () => update.clear(),
  }
}

/** Plain lines with the time of day; inside long epochs a line at most every ten seconds. */
function plainView(output: Output): ProgressView {
  let start: StartEvent | undefined
  let last = performance.now()
  const line = (text: string) => output.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
  return {
    show(event) {
      if (event.kind === 'start') {
        start = event
        startLines(event).forEach(line)
      } else if (isWaiting(event) && performance.now() - last > 10_000) {
        last = performance.now()
        line(waitingText(event))
      } else if (event.kind === 'step' && start && performance.now() - last > 10_000) {
        last = performance.now()
        line(`${whereIn(event, start)}  ${formatDuration(event.secondsLeft)} left`)
      } else if (event.kind === 'evaluation' && start) {
        last = performance.now()
        line(epochLine(event, start))
      }
    },
    close: () => undefined,
  }
}

const jsonView = (output: Output): ProgressView => ({
  show: event => output.write(`${JSON.stringify(event)}\n`),
  close: () => undefined,
})

/** Chooses the view for an output. */
export const progressView = (output: Output, { json }: { readonly json: boolean }): ProgressView =>
  json ? jsonView(output) : output.isTTY ? terminalView(output) : plainView(output)
