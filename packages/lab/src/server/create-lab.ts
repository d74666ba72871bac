// The lab's API over the run folders, and the built site beside it.
import fs from 'node:fs'
import path from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { findExperiment, parseSettings, type Experiment } from '../experiment/experiment.ts'
import { faultsOf } from '../experiment/settings-error.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import type { Executor } from '../jobs/executor.ts'
import { processExecutor } from '../jobs/process/process-executor.ts'
import { nameOfRun, runPaths } from '../runs/node.ts'
import { placesOf } from '../data-source/node/moved-data.ts'
import { newToken, requirePage, requireToken } from './access.ts'
import { AskedOnce } from './asked-once.ts'
import { Comparisons } from './compare-in-lab.ts'
import { CurveStore } from './curves/curve-store.ts'
import { FieldError } from './field-error.ts'
import { guard } from './guard.ts'
import { Busy, Places, within } from './limits.ts'
import { requestJson } from './request-json.ts'
import { RunFollowers } from './run-followers.ts'
import { RunIndex } from './run-index.ts'
import { runDetail } from './run-detail.ts'
import { listInLab } from './run-list.ts'
import { runSpark } from './run-spark.ts'
import { writeRunNotes } from '../runs/run-notes.ts'
import { settingsForm } from './settings-form.ts'
import { serveStudies, Studies } from './studies.ts'
import { Trainings } from './trainings.ts'
import { watchRun } from './watch-run.ts'
import { serveText } from './write-text.ts'

/** What the lab serves. */
export interface LabOptions {
  /** The folder that holds all runs. */
  readonly root: string
  readonly experiments: readonly Experiment[]
  /** Address of the module, or of several, that export the experiments, for the processes that train. */
  readonly experimentsModule: ExperimentModules
  /** The folder of the built site; default none, the API alone. */
  readonly site?: string
  /** Milliseconds between two looks at a run that is followed; default 400. */
  readonly pollMilliseconds?: number
  /** What a visitor must bring; default a new random one. */
  readonly token?: string
  /** The folder that holds all studies; default `studies`. */
  readonly studies?: string
  /** Where trainings run; default each in a process of its own. */
  readonly executor?: Executor
}

/** The lab as a web application. */
export interface Lab {
  readonly app: Hono
  /** The key of this start. */
  readonly token: string
  /** Trainings of the lab under way. */
  readonly running: () => number
  /** Stops all trainings that it started at a checkpoint; resolves when nothing trains any more. */
  close(): Promise<void>
}

/** Event streams at once: a page that shows a run holds one, and whoever holds the key counts as one client. */
const MOST_STREAMS = 64
/** `wait`: seconds until the answer is 202 and says how far the logs have been read; the same question then goes on. */
const comparisonQuery = z.object({
  metric: z.string().max(60).optional(), wait: z.coerce.number().min(0).max(60).default(30),
})
const startSchema = z.strictObject({
  experiment: z.string().max(200),
  settings: z.record(z.string().max(100), z.unknown()),
})

/** What of a request is wrong, with what was sent, and what to do. */
function faultOf(error: z.ZodError | SyntaxError, context: Context): { received: string; next: string } {
  if (error instanceof SyntaxError)
    return { received: error.message.slice(0, 300), next: 'Send the body of the request as JSON.' }
  const sent = context.req.query()
  const faults = error.issues.map(({ path, message }) => {
    const name = path.join('.')
    const value = Object.hasOwn(sent, name) ? `=${sent[name]?.slice(0, 60) ?? ''}` : ''
    return `${name}${value}${name === '' ? '' : ': '}${message}`
  })
  const names = [...new Set(error.issues.map(({ path }) => path.join('.')))].filter(name => name !== '')
  const next = names.length === 0 ? 'Send what the page sends.' : `Give ${names.join(' and ')} another value.`
  return { received: faults.join('; ').slice(0, 300), next }
}

/** A mistake of the visitor's in words, anything else on standard error. */
function answerError(error: Error, context: Context): Response {
  if (error instanceof Busy) context.header('Retry-After', '5')
  if (error instanceof UserError) {
    return context.json(
      {
        error: error.parts.rule,
        received: error.parts.received ?? '',
        next: error.parts.next ?? '',
        ...(error instanceof FieldError && { field: error.field }),
        faults: faultsOf(error),
      },
      error instanceof Busy ? 429 : 400,
    )
  }
  if (error instanceof z.ZodError || error instanceof SyntaxError)
    return context.json({ error: 'The request is not well formed.', ...faultOf(error, context) }, 400)
  // Who goes away while asking hears no answer, and is no fault of the lab.
  if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') console.error(error)
  return context.json({ error: 'The lab failed to answer.' }, 500)
}

function serveSite(app: Hono, site: string): void {
  app.use('/_astro/*', async (context, next) => {
    await next()
    if (context.res.status === 200) context.res.headers.set('Cache-Control', 'private, max-age=31536000, immutable')
  })
  app.use('*', serveStatic({ root: site }))
  const absent = path.join(site, '404.html')
  app.get('*', async (context, next) => {
    if (!fs.existsSync(absent)) return next()
    return context.html(await fs.promises.readFile(absent, 'utf8'), 404)
  })
}

interface ServedRuns {
  readonly index: RunIndex
  readonly curves: CurveStore
  readonly trainings: Trainings
  readonly experiments: readonly Experiment[]
  readonly pollMilliseconds: number
}

/** The addresses that look at runs, and the one that watches them. */
function serveRuns(app: Hono, { index, curves, trainings, experiments, pollMilliseconds }: ServedRuns): void {
  const followers = new RunFollowers(curves, pollMilliseconds)
  const streams = new Places(MOST_STREAMS, 'event streams')
  const runOf = (context: Context) => index.find(context.req.param('experiment') ?? '', context.req.param('id') ?? '')
  const nameOf = (context: Context) => nameOfRun(runOf(context))
  const known = new Map(experiments.map(one => [one.name, one]))
  app.get('/api/runs', async context => context.json(await listInLab(index, context.req.query(), known)))
  app.get('/api/runs/:experiment/:id', context => {
    const run = index.read(runOf(context))
    const experiment = experiments.find(({ name }) => name === run.experiment)
    return context.json(runDetail(run, experiment, trainings.has(nameOfRun(run))))
  })
  app.get('/api/runs/:experiment/:id/spark', async context =>
    context.json(await runSpark(index.read(runOf(context)), curves)),
  )
  app.post('/api/runs/:experiment/:id/notes', async context => {
    const run = runOf(context)
    const notes = writeRunNotes(run, await requestJson(context))
    index.forget(run)
    return context.json(notes)
  })
  app.post('/api/runs/:experiment/:id/stop', context => {
    trainings.stop(nameOf(context))
    return context.json({ asked: true })
  })
  app.post('/api/runs/:experiment/:id/resume', async context =>
    context.json({ run: await trainings.start({ kind: 'resume', run: nameOf(context) }) }),
  )
  app.get('/api/runs/:experiment/:id/events', context => {
    const run = runOf(context)
    const statusOf = () => {
      const { status } = index.read(run)
      // Its thread ends a little later than the run.
      return { status, stoppable: status !== 'completed' && status !== 'failed' && trainings.has(nameOfRun(run)) }
    }
    return watchRun(context, { log: runPaths(run).metrics, statusOf, followers, places: streams })
  })
  const comparisons = new Comparisons(index, curves, experiments)
  app.get('/api/compare', async context => {
    const { metric, wait } = comparisonQuery.parse(context.req.query())
    const { text, progress } = comparisons.ask(context.req.queries('run') ?? [], metric)
    const found = await within(text, 1000 * wait)
    if (found === undefined) return context.json(progress(), 202)
    return context.body(found, 200, { 'Content-Type': 'application/json' })
  })
}

/** The addresses that look at the model of a run, which takes long. */
function serveFindings(
  app: Hono,
  { index, asked, root, experiments, experimentsModule }: Pick<ServedRuns, 'index' | 'experiments'> &
    Pick<LabOptions, 'root' | 'experimentsModule'> & { readonly asked: AskedOnce },
): void {
  const runWithData = (context: Context) => {
    const run = index.find(context.req.param('experiment') ?? '', context.req.param('id') ?? '')
    const places = placesOf(findExperiment(experiments, run.experiment), index.read(run).record.config)
    return { run, data: Object.values(places) }
  }
  app.get('/api/runs/:experiment/:id/figures', async context => {
    const { run, data } = runWithData(context)
    return context.json(await asked.figures({ experimentsModule, root, run: nameOfRun(run) }, run, data))
  })
  app.get('/api/runs/:experiment/:id/mistakes', async context => {
    const { run, data } = runWithData(context)
    const found = await asked.mistakes({ experimentsModule, run }, data)
    return found
      ? context.json(found)
      : context.json({ error: 'The run keeps no outputs on labelled examples yet.' }, 404)
  })
  app.get('/api/runs/:experiment/:id/report', async context => {
    const { run, data } = runWithData(context)
    return context.json(await asked.report({ experimentsModule, root }, run, data))
  })
}

/** Makes the lab. It listens nowhere yet: see `serveLab`. */
export function createLab(options: LabOptions): Lab {
  checkOptions('createLab', options, [
    'root', 'experiments', 'experimentsModule', 'site', 'pollMilliseconds', 'token', 'executor', 'studies',
  ])
  const {
    root,
    experiments,
    experimentsModule,
    site,
    pollMilliseconds = 400,
    token = newToken(),
    executor = processExecutor(),
  } = options
  const index = new RunIndex(root)
  const trainings = new Trainings(root, experimentsModule, executor)
  const tuned = { studies: options.studies ?? 'studies', root, experiments, experimentsModule }
  const studies = new Studies(tuned)
  const asked = new AskedOnce()
  const app = new Hono()
  app.use(guard, requireToken(token), requirePage)
  app.use(
    '/api/*',
    bodyLimit({
      maxSize: 64 * 1024,
      onError: context => context.json({ error: 'The request is too large.', received: 'more than 64 KiB' }, 413),
    }),
  )
  app.use('/api/*', async (context, next) => {
    await next()
    context.res.headers.set('Cache-Control', 'no-store')
  })
  app.onError(answerError)

  app.get('/api/lab', context => context.json({ name: '30ddlf' }))
  app.get('/api/experiments', context => context.json(experiments.map(settingsForm)))
  app.post('/api/experiments/:experiment/graph', async context => {
    const experiment = findExperiment(experiments, context.req.param('experiment'))
    const { settings } = startSchema.omit({ experiment: true }).parse(await requestJson(context))
    const resolved = { ...parseSettings(experiment, settings) }
    return context.json(await asked.graph({ experimentsModule, experiment: experiment.name, settings: resolved }))
  })
  app.post('/api/runs', async context => {
    const { experiment: name, settings } = startSchema.parse(await requestJson(context))
    const experiment = findExperiment(experiments, name)
    const resolved = parseSettings(experiment, settings)
    const run = await trainings.start({
      kind: 'start',
      experiment: name,
      settings: { ...resolved },
      command: ['ddlf', 'lab'],
    })
    return context.json({ run }, 201)
  })
  const curves = new CurveStore()
  serveStudies(app, studies, tuned)
  serveText(app, { index, experimentsModule, root })
  serveRuns(app, { index, curves, trainings, experiments, pollMilliseconds })
  serveFindings(app, { index, asked, root, experiments, experimentsModule })
  app.all('/api/*', context => context.json({ error: 'The lab has no such address.', received: context.req.path }, 404))
  if (site !== undefined) serveSite(app, site)
  app.notFound(context => context.text('There is no such page.', 404))
  const close = async () => {
    await Promise.all([trainings.close(), studies.close(), curves.close()])
  }
  return { app, token, running: () => trainings.running + studies.running, close }
}
