// The studies that the lab itself runs, and the addresses that list, show, start and stop studies.
import { UserError } from '@ddlf/tensor/errors'
import type { Hono } from 'hono'
import { z } from 'zod'
import { findExperiment, parseSettings, type Experiment } from '../experiment/experiment.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { defaultSpace } from '../studies/default-space.ts'
import { formatParameter } from '../studies/space/space-text.ts'
import { keptRates } from '../studies/node/learning-rate-file.ts'
import { runTuning } from '../studies/node/run-tuning.ts'
import { openTuning, type Tuning } from '../studies/node/tuning.ts'
import { spentBudget } from '../studies/budget.ts'
import { StudyIndex } from './study-index.ts'

/** Where studies and what they train lie. */
export interface StudiesOptions {
  /** The folder that holds all studies. */
  readonly studies: string
  /** The folder that holds all runs. */
  readonly root: string
  readonly experiments: readonly Experiment[]
  readonly experimentsModule: ExperimentModules
}

const text = z.string().max(200)
const startSchema = z.strictObject({
  experiment: text,
  study: text.optional(),
  space: z.array(z.string().max(1000)).max(100).default([]),
  settings: z.record(z.string().max(100), z.unknown()).default({}),
  trials: z.number().int().min(1).max(100_000),
  sampler: text.optional(),
  pruner: text.optional(),
  jobs: z.number().int().min(1).max(64).optional(),
})

/** How the form begins a study. */
export type StudyStart = z.input<typeof startSchema>

const isGiven = (value: unknown) => value !== undefined
const given = (values: object) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => isGiven(value)))

/** The attribute of a study that says why the lab could not go on with it. */
const TROUBLE = 'trouble'

/** @throws UserError where a study has all of its trials already */
function checkGoesOn({ study }: Tuning, trials: number): void {
  const spent = spentBudget(study.trials).trials
  if (spent < trials || study.trials.some(({ state }) => state === 'running')) return
  throw new UserError({
    rule: 'A study goes on to more trials than it has.',
    received: `${trials} in all; ${study.name} has ${spent}`,
    next: `Give at least ${spent + 1}.`,
  })
}

/** Runs studies for the lab: one at a time, for it divides the processors among its trials. */
export class Studies {
  readonly #options: StudiesOptions
  readonly #running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()
  #closed = false

  constructor(options: StudiesOptions) {
    this.#options = options
  }

  /** How many studies the lab runs. */
  get running(): number {
    return this.#running.size
  }

  has(name: string): boolean {
    return this.#running.has(name)
  }

  /**
   * Begins a study, or goes on with one.
   * @returns its name
   * @throws UserError where it is mistaken, or another one runs
   */
  start(body: unknown): string {
    const { experiment, study, space, settings, trials, sampler, pruner, jobs } = startSchema.parse(body)
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
    const { experiments, experimentsModule, studies, root } = this.#options
    const set = Object.entries(settings).map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    const tuning = openTuning({
      experiments,
      experiment,
      set,
      space,
      studies,
      command: ['ddlf', 'lab'],
      ...given({ study, sampler, pruner }),
    })
    const { name } = tuning.study
    try {
      checkGoesOn(tuning, trials)
      // What an earlier call ran into is over with this one.
      if (tuning.study.attributes[TROUBLE] !== undefined) tuning.study.setStudyAttribute(TROUBLE, '')
    } catch (error) {
      tuning.close()
      throw error
    }
    const stop = new AbortController()
    const ended = runTuning({
      tuning,
      experimentsModule,
      runs: root,
      budget: { trials },
      signal: stop.signal,
      ...given({ jobs }),
    })
      .then(
        () => undefined,
        (error: unknown) => {
          tuning.study.setStudyAttribute(TROUBLE, error instanceof Error ? error.message : String(error))
        },
      )
      .catch(() => undefined)
      .finally(() => {
        tuning.close()
        this.#running.delete(name)
      })
    this.#running.set(name, { stop, ended })
    return name
  }

  /** Asks a study to save its trials and stop. @throws UserError where the lab does not run it */
  stop(name: string): void {
    const study = this.#running.get(name)
    if (!study)
      throw new UserError({
        rule: 'The lab has not started this study.',
        received: name,
        next: 'Press Ctrl-C in the terminal that runs it.',
      })
    study.stop.abort()
  }

  /** Stops all; resolves when nothing trains any more. */
  async close(): Promise<void> {
    this.#closed = true
    for (const { stop } of this.#running.values()) stop.abort()
    await Promise.all([...this.#running.values()].map(({ ended }) => ended))
  }
}

/** The addresses of studies. */
export function serveStudies(app: Hono, studies: Studies, options: StudiesOptions): void {
  const index = new StudyIndex(options.studies)
  app.get('/api/studies', context => context.json(index.list()))
  app.get('/api/studies/:name', context => {
    const name = context.req.param('name')
    return context.json(index.detail(name, studies.has(name), context.req.query('known')))
  })
  app.post('/api/studies', async context => context.json({ study: studies.start(await context.req.json()) }, 201))
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
