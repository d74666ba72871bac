// The studies that the lab itself runs, and the addresses that list, show, start and stop studies.
import type { Worker } from 'node:worker_threads'
import { startWorker } from '@ddlf/data/node'
import { UserError } from '@ddlf/tensor/errors'
import type { Hono } from 'hono'
import { findExperiment, parseSettings, type Experiment } from '../experiment/experiment.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { defaultSpace } from '../studies/default-space.ts'
import { formatParameter } from '../studies/space/space-text.ts'
import { keptRates } from '../studies/node/learning-rate-file.ts'
import { errorOf } from '../train/events.ts'
import { AskedThread } from './asked-thread.ts'
import { FieldError } from './field-error.ts'
import { requestJson } from './request-json.ts'
import type { AskedOfStudies } from './study-questions.ts'
import type { FromStudy, StudyWork } from './study-run.ts'
import { readStart } from './study-start.ts'

/** Where studies and what they train lie. */
export interface StudiesOptions {
  /** The folder that holds all studies. */
  readonly studies: string
  /** The folder that holds all runs. */
  readonly root: string
  readonly experiments: readonly Experiment[]
  readonly experimentsModule: ExperimentModules
}

/** Megabytes of objects that the thread of studies may hold: a journal takes several times its bytes. */
const HEAP = 1024

/** A study of this lab. */
interface RunningStudy {
  /** Known once it is open. */
  name?: string
  readonly worker: Worker
  /** Resolves when its thread is gone. */
  readonly gone: Promise<void>
}

/** Runs studies for the lab: one at a time, for it divides the processors among its trials. */
export class Studies {
  readonly #options: StudiesOptions
  /** The thread that reads the journals. */
  readonly reader = new AskedThread<AskedOfStudies>({
    module: new URL('./study-worker.ts', import.meta.url),
    name: 'ddlf studies',
    reads: 'studies',
    heap: HEAP,
  })
  readonly #running = new Set<RunningStudy>()
  #closed = false

  constructor(options: StudiesOptions) {
    this.#options = options
  }

  /** How many studies the lab runs. */
  get running(): number {
    return this.#running.size
  }

  has(name: string): boolean {
    return [...this.#running].some(one => one.name === name)
  }

  /**
   * Begins a study, or goes on with one.
   * @returns its name
   * @throws UserError where it is mistaken, or another one runs
   */
  async start(body: unknown): Promise<string> {
    const { experimentsModule, studies, experiments, root } = this.#options
    const { tuning, run } = readStart(body, { studies, experiments })
    if (this.#closed)
      throw new UserError({
        rule: 'The lab is closing.',
        received: 'a study to start',
        next: 'Start the lab again: npm run ddlf -- lab',
      })
    if (this.#running.size > 0)
      throw new UserError({
        rule: 'The lab runs one study at a time.',
        received: 'one more',
        next: 'Stop the other one, or wait for it.',
      })
    const work: StudyWork = { tuning, run: { ...run, experimentsModule, runs: root } }
    return this.#begin(startWorker(new URL('./study-run.ts', import.meta.url), {
      name: 'ddlf study',
      workerData: work,
    }))
  }

  /** Waits until the study of a thread is open. @returns its name */
  async #begin(worker: Worker): Promise<string> {
    let reason = 'it ended before the study was open'
    const gone = new Promise<void>(resolve => worker.once('exit', () => { resolve() }))
    const running: RunningStudy = { worker, gone }
    this.#running.add(running)
    worker.on('error', error => (reason = error.message))
    const opened = new Promise<Exclude<FromStudy, { kind: 'ended' }>>(resolve => {
      worker.on('message', (message: FromStudy) => {
        if (message.kind === 'ended') this.#running.delete(running)
        else resolve(message)
      })
      void gone.then(() => {
        this.#running.delete(running)
        resolve({ kind: 'failed', message: `The thread of the study died: ${reason}` })
      })
    })
    const answer = await opened
    if (answer.kind === 'failed') {
      await gone
      throw answer.field !== undefined && answer.parts ? new FieldError(answer.field, answer.parts) : errorOf(answer)
    }
    running.name = answer.name
    return answer.name
  }

  /** Asks a study to save its trials and stop. @throws UserError where the lab does not run it */
  stop(name: string): void {
    const study = [...this.#running].find(one => one.name === name)
    if (!study)
      throw new UserError({
        rule: 'The lab has not started this study.',
        received: name,
        next: 'Press Ctrl-C in the terminal that runs it.',
      })
    study.worker.postMessage('stop')
  }

  /** Stops all; resolves when nothing trains any more. */
  async close(): Promise<void> {
    this.#closed = true
    const running = [...this.#running]
    for (const { worker } of running) worker.postMessage('stop')
    await Promise.all(running.map(({ gone }) => gone))
    await this.reader.close()
  }
}

/** The addresses of studies. */
export function serveStudies(app: Hono, studies: Studies, options: StudiesOptions): void {
  const { reader } = studies
  const root = options.studies
  const json = { 'Content-Type': 'application/json' }
  app.get('/api/studies', async context => context.body(await reader.ask<string>({ kind: 'list', root }), 200, json))
  app.get('/api/studies/:name', async context => {
    const name = context.req.param('name')
    const known = context.req.query('known')
    const question = { kind: 'study', root, name, stoppable: studies.has(name), known } as const
    return context.body(await reader.ask<string>(question), 200, json)
  })
  app.post('/api/studies', async context => {
    const study = await studies.start(await requestJson(context))
    return context.json({ study }, 201)
  })
  app.post('/api/studies/:name/stop', context => {
    studies.stop(context.req.param('name'))
    return context.json({ asked: true })
  })
  app.get('/api/experiments/:experiment/space', context => {
    const experiment = findExperiment(options.experiments, context.req.param('experiment'))
    const settings = parseSettings(experiment)
    const space = defaultSpace(experiment, settings, keptRates(options.studies, experiment.name, settings))
    return context.json({ space: Object.entries(space).map(([name, parameter]) => formatParameter(name, parameter)) })
  })
}
