// Shows a study as it runs: on a terminal lines that stay over a live table; elsewhere plain timed lines; or JSON.
import {
  BudgetTally, extremes, isFinished, reportedObjective, sparkline, standing, type Metric, type StudyBudget,
  type StudyEvent, type Trial,
} from '@ddlf/lab'
import { pc } from './colour.ts'
import { formatCount, formatDuration, wrapText } from './format.ts'
import { liveText } from './live.ts'
import { objectiveText, paramsText, namedValuesText, type ShownStudy } from './study-text.ts'
import { columnsOf } from './terminal-width.ts'

/** Listens to a study and shows it. */
export interface StudyView {
  show(event: StudyEvent): void
  /** Says on the standard error what is no event of the study, so that it stays to be read. */
  warn(line: string): void
  /** Leaves the terminal tidy. */
  close(): void
}

/** What is shown. */
export interface StudyViewOptions {
  readonly study: ShownStudy
  /** As commands name it. */
  readonly name: string
  readonly objectives: readonly Metric[]
  readonly budget: StudyBudget
  readonly json: boolean
}

const CURVE = 12

const lastStepOf = ({ intermediateValues }: Trial) => Math.max(0, extremes(intermediateValues.keys())[1])

/** A trial that is over, in a line. */
function endLine({ study, objectives }: StudyViewOptions, event: Extract<StudyEvent, { kind: 'end' }>): string {
  const trial = study.trials[event.number] as Trial
  const isBest = study.front.some(({ number }) => number === event.number)
  const text =
    event.state === 'failed'
      ? `failed: ${event.failure ?? ''}`
      : `${namedValuesText(trial, objectives)}${event.state === 'pruned' ? `, stopped at ${lastStepOf(trial)}` : ''}`
  const mark = !isBest ? '' : study.directions.length > 1 ? '  on the front' : '  best so far'
  return `trial ${event.number}  ${text}${mark}  ${paramsText(trial)}`
}

function lineOf(options: StudyViewOptions, event: StudyEvent): string | undefined {
  switch (event.kind) {
    case 'begin':
      return event.continues === undefined
        ? undefined
        : `trial ${event.number}  goes on with trial ${event.continues}, which proved good`
    case 'end':
      return endLine(options, event)
    case 'lost':
      return `trial ${event.number}  lost its worker (${event.reason})${event.again ? '; it goes on with another' : ''}`
    case 'pause':
      return `trial ${event.number}  saved, to be gone on with`
    case 'report':
      return undefined
  }
}

/** Tells how many seconds are left, from the pace since now; NaN while it is unknown. */
function clockOf({ study, budget }: StudyViewOptions): () => number {
  const begun = performance.now()
  const tally = new BudgetTally(study.trials)
  const { spent: before } = tally
  const finishedBefore = finishedOf(study)
  return () => {
    const elapsed = (performance.now() - begun) / 1000
    const { spent } = tally
    const at = (left: number, done: number) => (done > 0 ? (elapsed * Math.max(0, left)) / done : Infinity)
    const byCost = (['epochs', 'flop'] as const).map(cost =>
      at((budget[cost] ?? Infinity) - spent[cost], spent[cost] - before[cost]))
    const finished = finishedOf(study)
    const byTrials = at(budget.trials - finished, finished - finishedBefore)
    const left = Math.min(byTrials, ...byCost, (budget.timeout ?? Infinity) - elapsed)
    return Number.isFinite(left) ? Math.max(0, left) : Number.NaN
  }
}

/** The live table: one line for the study, one for each trial that runs. */
function table(options: StudyViewOptions, columns: number, left: number): string {
  const { study, name, objectives, budget } = options
  const current = standing(study.trials)
  const count = (state: Trial['state']) => current.filter(trial => trial.state === state).length
  const best = study.best
  const reported = reportedObjective(objectives.map(({ name: objective }) => objective))
  const parts = [
    pc.bold(name),
    `${count('complete') + count('pruned') + count('failed')} of ${formatCount(budget.trials)} trials`,
    ...(best
      ? [`best ${pc.green(namedValuesText(best, objectives))} (trial ${best.number})`]
      : study.front.length > 0
        ? [`${study.front.length} on the front`]
        : []),
    `${count('pruned')} pruned`,
    ...(count('failed') > 0 ? [pc.red(`${count('failed')} failed`)] : []),
    `${formatDuration(left)} left`,
  ]
  const running = current
    .filter(({ state }) => state === 'running')
    .map(trial => {
      const values = [...trial.intermediateValues].sort(([a], [b]) => a - b).map(([, value]) => value)
      const last = values.at(-1)
      const head = `  ${trial.number}`.padEnd(7)
      const curve = sparkline(values, { width: CURVE }).padEnd(CURVE)
      const first = objectives.find(({ name: objective }) => objective === reported)
      const value = last === undefined || !first ? '-' : objectiveText(first, last)
      const step = String(values.length).padStart(3)
      const line = `${head}${pc.cyan(curve)}  step ${step}  ${value.padStart(8)}  ${paramsText(trial)}`
      // The colour takes no columns.
      return line.slice(0, columns + pc.cyan('').length)
    })
  return [wrapText(parts.join('   '), columns), ...running].join('\n')
}

const finishedOf = ({ trials }: ShownStudy) => standing(trials).filter(isFinished).length

function terminalView(output: NodeJS.WriteStream, options: StudyViewOptions): StudyView {
  const update = liveText(output)
  const clock = clockOf(options)
  const draw = () => {
    update(table(options, columnsOf(output), clock()))
  }
  const timer = setInterval(draw, 1000)
  timer.unref()
  let isOpen = true
  return {
    show(event) {
      const line = lineOf(options, event)
      if (line !== undefined) {
        update.clear()
        output.write(`${wrapText(line, columnsOf(output))}\n`)
      }
      draw()
    },
    warn(line) {
      if (isOpen) update.clear()
      console.error(line)
      if (isOpen) draw()
    },
    close() {
      isOpen = false
      clearInterval(timer)
      update.clear()
    },
  }
}

/** Seconds between two plain lines that say how a study stands. */
const QUIET = 60

const warn = (line: string) => { console.error(line) }

function plainView(output: NodeJS.WriteStream, options: StudyViewOptions): StudyView {
  const clock = clockOf(options)
  let last = performance.now()
  const write = (text: string) => {
    last = performance.now()
    output.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
  }
  return {
    show(event) {
      const line = lineOf(options, event)
      if (line !== undefined) write(line)
      else if (performance.now() - last > 1000 * QUIET) {
        const { study, budget } = options
        write(`${finishedOf(study)} of ${formatCount(budget.trials)} trials, ${formatDuration(clock())} left`)
      }
    },
    warn,
    close: () => undefined,
  }
}

/** Every event with what it is about, one a line. */
function jsonView(output: NodeJS.WriteStream, { study }: StudyViewOptions): StudyView {
  return {
    show(event) {
      const trial = study.trials[event.number] as Trial
      const more =
        event.kind === 'begin'
          ? { params: trial.params }
          : event.kind === 'end'
            ? { params: trial.params, values: trial.values ?? null, runs: trial.userAttributes['runs'] ?? [] }
            : {}
      output.write(`${JSON.stringify({ ...event, ...more })}\n`)
    },
    warn,
    close: () => undefined,
  }
}

/** Chooses the view for an output. */
export const studyView = (output: NodeJS.WriteStream, options: StudyViewOptions): StudyView =>
  options.json ? jsonView(output, options) : output.isTTY ? terminalView(output, options) : plainView(output, options)
