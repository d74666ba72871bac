// ddlf tune <experiment>: a study that finds better settings, trial by trial.
import { recordedCommand } from '@ddlf/lab/command-text'
import {
  formatParameter,
  formatPoint,
  isFinished,
  lengthText,
  spentBudget,
  standing,
  type StudyBudget,
  type Trial,
  type TrainingSettings,
  type Workers,
} from '@ddlf/lab'
import {
  checkQueued,
  defaultJobs,
  DiskFull,
  estimateTraining,
  goesOn,
  inspectTraining,
  openTuning,
  runsWords,
  runTuning,
  threadsOf,
  type Tuning,
  type TuningEnd,
  studiesWords,
} from '@ddlf/lab/node'
import { defined } from '../commands/options.ts'
import { experiments, isModule } from '../experiments.ts'
import { askedStudy, type AskedStudy } from '../study-asked.ts'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { wrapText } from '../terminal/format.ts'
import { openQueue } from '../terminal/open-queue.ts'
import { estimateText, megabytes } from '../terminal/study-estimate.ts'
import { stopOnSignals, type Stopping } from '../terminal/stopping.ts'
import { countsText, namedValuesText, paramsText, trialsTable, whyText } from '../terminal/study-text.ts'
import { studyView, type StudyView } from '../terminal/study-view.ts'

/** The options of the command. */
export interface TuneOptions {
  readonly space: readonly string[]
  readonly enqueue: readonly string[]
  readonly trials: number
  readonly study?: string
  readonly studies: string
  readonly runs: string
  readonly set: readonly string[]
  readonly data?: string
  readonly jobs?: number
  readonly sampler?: string
  readonly pruner?: string
  readonly objective: readonly string[]
  readonly repeats?: number
  readonly seed?: number
  readonly timeout?: number
  readonly epochs?: number
  readonly flop?: number
  readonly keep: 'best' | 'all'
  readonly queue?: string
  readonly changed?: boolean
  readonly json?: boolean
}

const settingsOf = ({ settings }: Tuning['record']) => settings as TrainingSettings

/** Says what is about to happen. */
async function announce(
  tuning: Tuning,
  budget: StudyBudget,
  jobs: number,
  { module, options: { studies, keep } }: AskedStudy,
  signal: AbortSignal,
): Promise<void> {
  const { study, name, record, continued, notes, experiment, queued } = tuning
  const goal = continued
    ? `${countsText(study.trials, false)}, ` +
      (spentBudget(study.trials).trials < budget.trials ? `going on to ${budget.trials}` : 'ending what was begun')
    : `${budget.trials} ${budget.trials === 1 ? 'trial' : 'trials'} of ${lengthText(settingsOf(record))}`
  const repeats = record.repeats > 1 ? `, each the mean of ${record.repeats} seeds` : ''
  const how = `${record.sampler}, ${record.pruner === 'none' ? 'no pruner' : record.pruner}`
  console.log(wrapText(`${pc.bold(experiment.name)}: study ${name} in ${studies}, ${goal}${repeats}; ${how}`))
  for (const [name, parameter] of Object.entries(study.space)) console.log(`  ${formatParameter(name, parameter)}`)
  for (const point of queued) console.log(`  first ${formatPoint(point)}`)
  for (const note of notes) console.log(pc.dim(wrapText(note)))
  const cost = await estimateTraining({
    experimentsModule: module,
    experiment: experiment.name,
    settings: record.settings,
    threads: threadsOf(jobs),
  }, signal)
  for (const note of tuning.settle(cost.grounds)) console.log(wrapText(pc.yellow(note)))
  console.log(wrapText(estimateText(tuning, budget, jobs, cost, keep)))
}

/** Reads the data before any trial does, so that data that are not there, or are others, begin nothing. */
async function inspect(tuning: Tuning, experimentsModule: string, signal: AbortSignal): Promise<void> {
  const { experiment: { name: experiment }, record: { settings } } = tuning
  const notes = tuning.settle(await inspectTraining({ experimentsModule, experiment, settings }, signal))
  if (notes.length > 0) console.log(JSON.stringify({ kind: 'notes', notes }))
}

/** How many trials more are proposed. */
const MORE = 50

/** Whether trials were tried, and every one failed. */
const isInVain = (trials: readonly Trial[]): boolean =>
  trials.length > 0 && trials.every(({ state }) => state === 'failed')

/** The command that goes on with a study to so many trials. */
function goOnText({ name, record }: Tuning, trials: number, { studies, runs }: TuneOptions): string {
  const named = name === record.experiment ? [] : ['--study', name]
  const words = [...studiesWords(studies), ...runsWords(runs)]
  return suggest('tune', record.experiment, ...named, '--trials', String(trials), ...words)
}

/** Says what was found, and what to do next. */
function conclude(
  tuning: Tuning,
  end: TuningEnd,
  budget: StudyBudget,
  options: TuneOptions,
): void {
  const { study, name, record } = tuning
  const { reason, removed } = end
  const { studies, runs } = options
  const studyWords = studiesWords(studies)
  const words = [...studyWords, ...runsWords(runs)]
  console.log(`\n${whyText(end, study.trials, budget)}${countsText(study.trials, false)}.`)
  if (removed.runs > 0) {
    const free = suggest('rm', '--empty-trash', ...runsWords(runs))
    const what = `${removed.runs} ${removed.runs === 1 ? 'run' : 'runs'} of other trials (${megabytes(removed.bytes)})`
    console.log(`${what} went to the trash. That disk space is free after: ${free}`)
  }
  const goOn = (trials: number) => goOnText(tuning, trials, options)
  if (study.front.length === 0) {
    if (reason === 'asked' || reason === 'timeout') console.log(`\nGo on: ${goOn(budget.trials)}`)
    else if (isInVain(study.trials))
      console.log(`\nEvery trial failed. What became of each: ${suggest('study', 'show', name, ...studyWords)}`)
    return
  }
  const best = study.best ? namedValuesText(study.best, record.metrics) : ''
  // Of several objectives none is the best: one of the front is chosen.
  const [chosen] = study.front
  const confirmed = study.best || !chosen ? [] : ['--trial', String(chosen.number)]
  if (study.directions.length > 1) console.log(trialsTable(study.front, record.metrics))
  else if (study.best)
    console.log(wrapText(`${pc.bold(`Best: ${best}`)}, trial ${study.best.number}: ${paramsText(study.best)}`))
  const tried = standing(study.trials).filter(isFinished).length
  // What was stopped goes on to what was asked for.
  const more = reason === 'asked' || reason === 'timeout' ? budget.trials : budget.trials + MORE
  const luck = `The best of ${tried} is partly luck; fresh seeds tell how much.`
  if (study.best) console.log(pc.dim(wrapText(luck)))
  console.log(`
Next:
  ${suggest('study', 'show', name, ...studyWords)}
  ${suggest('study', 'importance', name, ...studyWords)}
  ${suggest('tune', 'confirm', name, ...confirmed, ...words)}
  ${goOn(more)}`)
}

const tuningOf = ({ experiment: { name: experiment }, options }: AskedStudy): Tuning => {
  const { set, data, space, enqueue, studies, study, objective, sampler, pruner, seed, repeats, changed } = options
  return openTuning({
    experiments,
    experiment,
    space,
    enqueue,
    studies,
    objectives: objective,
    command: recordedCommand(['ddlf', ...process.argv.slice(2)]),
    set: [...set, ...(data === undefined ? [] : [`data=${JSON.stringify(data)}`])],
    ...defined({ study, sampler, pruner, seed, repeats, changed }),
  })
}

/** A study while it is made ready, and while its trials run. */
interface StudyStage {
  /** Set once trials run. */
  view?: StudyView
}

/** The same with whether somebody pressed Ctrl-C. */
interface StudyStopping extends StudyStage {
  readonly stopping: Stopping
}

function listenToSignals(stage: StudyStage): StudyStopping {
  const message = () =>
    stage.view
      ? 'Saving the trials that run, and stopping. Press Ctrl-C again to quit at once.'
      : 'Stopping before a trial begins.'
  return Object.assign(stage, { stopping: stopOnSignals(message, () => stage.view?.close()) })
}

/** A full disk ends a study; once there is room, it goes on. */
const withGoOn = (error: unknown, goOn: string): unknown =>
  error instanceof DiskFull
    ? new DiskFull({ ...error.parts, next: `Free some space, then go on: ${goOn}` }, { cause: error })
    : error

/** Runs a study and shows it. */
async function follow(
  tuning: Tuning,
  budget: StudyBudget,
  { module, options }: AskedStudy,
  workers: Workers | undefined,
  stage: StudyStopping,
): Promise<void> {
  const { runs, keep, json = false, jobs = defaultJobs() } = options
  const { study, name, record } = tuning
  const view = studyView(process.stdout, { study, name, objectives: record.metrics, budget, json })
  stage.view = view
  try {
    const end = await runTuning({
      tuning,
      experimentsModule: module,
      runs,
      jobs,
      budget,
      keep,
      signal: stage.stopping.signal,
      ...(workers && { workers }),
      onEvent: event => {
        view.show(event)
      },
    }).catch((error: unknown) => { throw withGoOn(error, goOnText(tuning, budget.trials, options)) })
    view.close()
    const found = {
      trials: study.trials.length,
      best: study.best?.number ?? null,
      front: study.front.map(({ number }) => number),
    }
    if (json) console.log(JSON.stringify({ kind: 'done', ...end, ...found }))
    else conclude(tuning, end, budget, options)
    if (isInVain(study.trials)) process.exitCode = 1
  } finally {
    view.close()
  }
}

/** Makes a study ready, which may take a while, and runs it. */
async function tune(
  tuning: Tuning,
  budget: StudyBudget,
  asked: AskedStudy,
  workers: Workers | undefined,
  shown: StudyStage,
): Promise<void> {
  const { json = false, jobs = defaultJobs() } = asked.options
  const stage = listenToSignals(shown)
  const { signal } = stage.stopping
  try {
    checkQueued(tuning, budget)
    if (goesOn(tuning, budget)) {
      if (json) await inspect(tuning, asked.module, signal)
      else await announce(tuning, budget, workers?.size ?? jobs, asked, signal)
    }
    await follow(tuning, budget, asked, workers, stage)
  } catch (error) {
    // What was asked about the data was told to stop.
    if (!signal.aborted || stage.view) throw error
    if (!json) console.log(`\nStopped; no trial was begun. Go on: ${goOnText(tuning, budget.trials, asked.options)}`)
  } finally {
    stage.stopping.off()
    process.exitCode = stage.stopping.exitCode() ?? process.exitCode
  }
}

/**
 * Does what `ddlf tune` is asked for.
 * @param isGiven whether an option stands on the command line
 */
export async function tuneAction(
  name: string,
  given: TuneOptions,
  isGiven: (option: string) => boolean = () => true,
): Promise<void> {
  const asked = await askedStudy(name, given, isGiven)
  const { options } = asked
  const { trials, epochs, flop, timeout, json = false } = options
  const budget: StudyBudget = { trials, ...defined({ epochs, flop, timeout }) }
  // Asked first: where nobody answers, no study begins.
  const say = (line: string) => {
    if (!json) console.log(line)
  }
  const stage: StudyStage = {}
  const warn = (line: string) => {
    if (stage.view) stage.view.warn(line)
    else console.error(line)
  }
  const workers = options.queue === undefined ? undefined : await openQueue(options.queue, options.runs, { say, warn })
  try {
    const tuning = tuningOf(asked)
    try {
      await tune(tuning, budget, asked, workers, stage)
      if (!json && isModule(name))
        console.log(`\nCommands about it find its experiment by: export DDLF_EXPERIMENTS=${name}`)
    } finally {
      tuning.close()
    }
  } finally {
    await workers?.close()
  }
}
