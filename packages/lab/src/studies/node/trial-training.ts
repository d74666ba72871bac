// The work of a trial that trains: one run, or one for each of several seeds, told to the study epoch by epoch.
import { setTimeout as wait } from 'node:timers/promises'
import path from 'node:path'
import { roundsOf } from '../../experiment/budget.ts'
import type { TrainingSettings } from '../../experiment/experiment.ts'
import type { WorkContext } from '../../jobs/workers.ts'
import {
  errorOf, type EvaluationEvent, type FailedEvent, type StartEvent, type TrainEvent,
} from '../../train/events.ts'
import { runTrainingJob } from '../../jobs/run-training-job.ts'
import type { TrainingJob } from '../../jobs/training-job.ts'
import { readRunMetrics, readRunRecord, readRunSummary } from '../../runs/run-folder.ts'
import { describeMachine, machineText } from '../../runs/provenance.ts'
import { runLockOwner } from '../../runs/run-lock.ts'
import { ChangedSince } from '../../runs/changed-since.ts'
import { nameOfRun, runPlace, type RunFolder } from '../../runs/run-place.ts'
import { GO_ON } from './study-grounds.ts'
import { reportedObjective } from '../objective.ts'
import type { TrialMessage, TrialResult } from '../run-study.ts'

/** What a trial trains. */
export interface TrialTraining {
  readonly experiment: string
  /** The settings of each run: one, or several that differ in the seed. */
  readonly settings: readonly Readonly<Record<string, unknown>>[]
  /** Metrics on the validation part, or what a training costs. The first metric is reported after each epoch. */
  readonly objectives: readonly string[]
  /** The runs of an earlier attempt, `<experiment>/<id>` in the order of `settings`: they go on. */
  readonly runs: readonly string[]
  /** Steps that the study knows already. */
  readonly reported: readonly number[]
  /** Seconds of training so far. */
  readonly seconds: number
  readonly command: readonly string[]
  /** The study and the number of the trial: its runs say so. */
  readonly study: { readonly name: string; readonly trial: number }
  /** SHA-256 of the data of the study's other trials, by name: on others none of its runs begins. */
  readonly data?: Readonly<Record<string, string>>
  /** Whether its runs go on although something that decides their numbers has changed. */
  readonly changed: boolean
}

/** Milliseconds between two looks at a run that another process still writes, and how long to wait for it. */
const LOCK = { look: 500, patience: 120_000 } as const

/** What a run came to. */
type Outcome = Readonly<Record<string, number>>

/** Trains the runs of a trial one after another. The work of the name `trial`. */
export async function trainTrial(data: TrialTraining, context: WorkContext): Promise<TrialResult> {
  const outcomes: Outcome[] = []
  const progress = new Progress(data, context)
  for (const [i, settings] of data.settings.entries()) {
    const outcome = await new TrialRun(progress, i, settings).train()
    if (!outcome) return { stopped: true }
    if (outcome instanceof ChangedSince) return { refused: outcome.parts }
    outcomes.push(outcome)
    if (progress.repeats === 1) continue
    const last = i + 1 === progress.repeats
    const answer = await progress.report(i + 1, outcome[progress.reportedMetric] ?? Number.NaN, last)
    if (answer !== 'go' && !last) return { stopped: true }
  }
  const mean = (name: string) =>
    outcomes.reduce((sum, outcome) => sum + (outcome[name] ?? Number.NaN), 0) / outcomes.length
  return { values: data.objectives.map(mean) }
}

/** What a trial has told so far. */
class Progress {
  readonly data: TrialTraining
  readonly context: WorkContext
  readonly repeats: number
  readonly reportedMetric: string
  readonly runs: string[]
  readonly #reported: Set<number>
  seconds: number

  constructor(data: TrialTraining, context: WorkContext) {
    this.data = data
    this.context = context
    this.repeats = data.settings.length
    this.reportedMetric = reportedObjective(data.objectives) ?? 'loss'
    this.runs = [...data.runs]
    this.#reported = new Set(data.reported)
    this.seconds = data.seconds
  }

  note(attributes: Readonly<Record<string, unknown>>): Promise<unknown> {
    return this.context.tell({ kind: 'note', attributes } satisfies TrialMessage)
  }

  /** @returns the answer; `go` for a step that is known already */
  async report(step: number, value: number, last: boolean): Promise<unknown> {
    if (this.#reported.has(step)) return 'go'
    this.#reported.add(step)
    const attributes = { seconds: Number(this.seconds.toFixed(3)) }
    return this.context.tell({ kind: 'report', step, value, attributes, last } satisfies TrialMessage)
  }
}

/** One run of a trial. */
class TrialRun {
  readonly #progress: Progress
  readonly #index: number
  readonly #settings: Readonly<Record<string, unknown>>
  readonly #stop = new AbortController()
  #start: StartEvent | undefined
  #evaluation: EvaluationEvent | undefined
  #outcome: Outcome | undefined
  #failure: FailedEvent | undefined

  constructor(progress: Progress, index: number, settings: Readonly<Record<string, unknown>>) {
    this.#progress = progress
    this.#index = index
    this.#settings = settings
  }

  /** @returns undefined where it was asked to stop; the refusal where its run has changed since */
  async train(): Promise<Outcome | ChangedSince | undefined> {
    const { context, data } = this.#progress
    const known = this.#progress.runs[this.#index]
    const run = known === undefined ? undefined : await this.#left(known)
    if (run && readRunRecord(run).status === 'completed') return this.#found(run)
    if (run && !(await this.#tellLogged(run))) return undefined
    const task: TrainingJob['task'] = run
      ? { kind: 'resume', run: nameOfRun(run), changed: data.changed }
      : {
          kind: 'start',
          experiment: data.experiment,
          settings: this.#settings,
          command: data.command,
          study: data.study,
          ...(data.data && { data: data.data }),
        }
    const stop = () => {
      this.#stop.abort()
    }
    if (context.signal.aborted) return undefined
    context.signal.addEventListener('abort', stop)
    try {
      await runTrainingJob(
        { ...context.place, task },
        message => (message.kind === 'folder' ? this.#begun(message.folder) : this.#hear(message.event)),
        this.#stop.signal,
      )
    } finally {
      context.signal.removeEventListener('abort', stop)
    }
    if (!this.#failure) return this.#outcome
    if (this.#stop.signal.aborted && this.#start === undefined) return undefined
    const error = errorOf(this.#failure)
    if (error instanceof ChangedSince) return new ChangedSince({ ...error.parts, next: GO_ON })
    throw error
  }

  /** The run of an earlier attempt, once nobody else writes it; undefined where it is gone. */
  async #left(name: string): Promise<RunFolder | undefined> {
    const { context, data } = this.#progress
    // The exact name alone: a journal may say anything, for example latest.
    const [experiment = '', id = '', ...more] = name.split('/')
    const run =
      experiment === data.experiment && more.length === 0 ? runPlace(context.place.root, experiment, id) : undefined
    if (!run) return undefined
    // A trainer whose coordinator was killed is saving its last checkpoint.
    for (
      let waited = 0;
      runLockOwner(run.folder) !== undefined && waited < LOCK.patience && !context.signal.aborted;
      waited += LOCK.look
    )
      await wait(LOCK.look)
    return run
  }

  /** The outcome of a run that had completed before its trial could say so. */
  async #found(run: RunFolder): Promise<Outcome> {
    const summary = readRunSummary(run) as {
      metrics?: Record<string, Record<string, number>>
      parameters?: number
      flop?: number
      seconds?: number
    } | null
    await this.#tellLogged(run)
    return {
      ...summary?.metrics?.['validation'],
      parameters: summary?.parameters ?? NaN,
      flop: summary?.flop ?? NaN,
      seconds: summary?.seconds ?? NaN,
    }
  }

  /** Tells what a run has measured and the study does not know. @returns whether it may go on */
  async #tellLogged(run: RunFolder): Promise<boolean> {
    const { repeats, reportedMetric } = this.#progress
    if (repeats > 1) return true
    const rounds = roundsOf(this.#settings as TrainingSettings)
    for (const { epoch, value } of readRunMetrics(run, ({ name }) => name === `validation/${reportedMetric}`)) {
      if ((await this.#progress.report(Math.round(epoch), value, epoch >= rounds)) !== 'go') return false
    }
    return true
  }

  async #begun(folder: string): Promise<void> {
    this.#progress.runs[this.#index] = `${path.basename(path.dirname(folder))}/${path.basename(folder)}`
    const machine = machineText(describeMachine())
    await this.#progress.note({ runs: this.#progress.runs, machine })
  }

  #obey(answer: unknown): void {
    if (answer !== 'go') this.#stop.abort()
  }

  async #hear(event: TrainEvent): Promise<void> {
    const progress = this.#progress
    switch (event.kind) {
      case 'start': {
        this.#start = event
        const epochs = progress.repeats === 1 ? 1 : event.epochs
        const stepFlop = event.flopPerStep * event.stepsPerEpoch * epochs
        this.#obey(await progress.note({ parameters: event.parameters, stepFlop, stepEpochs: epochs }))
        return
      }
      case 'evaluation':
        this.#evaluation = event
        progress.seconds += event.seconds.total
        return
      case 'checkpoint': {
        // Told when the state is saved, so that a trial that is stopped here can go on from here.
        const evaluation = this.#evaluation
        if (progress.repeats > 1 || evaluation?.step !== event.step) return
        this.#evaluation = undefined
        const value = evaluation.metrics['validation']?.[progress.reportedMetric] ?? Number.NaN
        const last = evaluation.epoch >= (this.#start?.epochs ?? Infinity)
        const answer = await progress.report(evaluation.epoch, value, last)
        if (!last) this.#obey(answer)
        return
      }
      case 'done':
        if (event.status === 'completed')
          this.#outcome = { ...event.metrics['validation'], ...this.#costs(event.step), seconds: event.seconds }
        return
      case 'failed':
        this.#failure = event
    }
  }

  #costs(steps: number): Outcome {
    return { parameters: this.#start?.parameters ?? NaN, flop: (this.#start?.flopPerStep ?? NaN) * steps }
  }
}
