// The lab's API over the run folders, and the built site beside it.
import { serveStatic } from '@hono/node-server/serve-static'
import { UserError } from '@ddlf/tensor/errors'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { streamSSE } from 'hono/streaming'
import { z } from 'zod'
import { findExperiment, parseSettings, type Experiment } from '../experiment.ts'
import type { Executor } from '../jobs/executor.ts'
import { processExecutor } from '../jobs/process/process-executor.ts'
import { alignMetric, differingSettings, metricNames } from '../runs/compare-runs.ts'
import { readRunMetrics, runPaths, type RunListing } from '../runs/node.ts'
import { newToken, requirePage, requireToken } from './access.ts'
import { metricsAfter } from './follow-metrics.ts'
import { guard } from './guard.ts'
import { mistakesOf } from './mistakes.ts'
import { RunIndex } from './run-index.ts'
import { Trainings } from './trainings.ts'

/** What the lab serves. */
export interface LabOptions {
  /** The folder that holds all runs. */
  readonly root: string
  readonly experiments: readonly Experiment[]
  /** Address of the module that exports the experiments, for the processes that train. */
  readonly experimentsModule: string
  /** The folder of the built site; default none, the API alone. */
  readonly site?: string
  /** Milliseconds between two looks at a run that is followed; default 400. */
  readonly pollMilliseconds?: number
  /** What a visitor must bring; default a new random one. */
  readonly token?: string
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

const MOST_RUNS = 12
const startSchema = z.strictObject({ experiment: z.string().max(200), settings: z.record(z.string().max(100), z.unknown()) })
const listSchema = z.object({
  experiment: z.string().max(200).optional(),
  status: z.string().max(20).optional(),
  text: z.string().max(200).optional(),
  sort: z.string().max(60).default('newest'),
  offset: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** A run as the list shows it. */
const line = ({ experiment, id, status, record, summary }: RunListing) => ({
  name: `${experiment}/${id}`, experiment, id, status, createdAt: record.createdAt, seed: record.seed, config: record.config,
  metrics: flatMetrics(summary?.['metrics']), seconds: typeof summary?.['seconds'] === 'number' ? summary['seconds'] : null,
})

function flatMetrics(metrics: unknown): Record<string, number> {
  const parsed = z.record(z.string(), z.record(z.string(), z.number())).safeParse(metrics)
  return parsed.success ? Object.fromEntries(Object.entries(parsed.data).flatMap(([split, values]) => Object.entries(values).map(([name, value]) => [`${split}/${name}`, value]))) : {}
}

function settingsForm(experiment: Experiment) {
  const schema = z.toJSONSchema(experiment.config, { unrepresentable: 'any', io: 'input' })
  return { name: experiment.name, title: experiment.title, question: experiment.question, dataset: experiment.dataset, settings: schema.properties ?? {} }
}

/** Makes the lab. It listens nowhere yet: see `serveLab`. */
export function createLab({ root, experiments, experimentsModule, site, pollMilliseconds = 400, token = newToken(), executor = processExecutor() }: LabOptions): Lab {
  const index = new RunIndex(root)
  const trainings = new Trainings(root, experimentsModule, executor)
  const app = new Hono()
  app.use(guard, requireToken(token), requirePage)
  app.use('/api/*', bodyLimit({ maxSize: 64 * 1024, onError: context => context.json({ error: 'The request is too large.', received: 'more than 64 KiB' }, 413) }))
  app.use('/api/*', async (context, next) => {
    await next()
    context.res.headers.set('Cache-Control', 'no-store')
  })
  app.onError((error, context) => {
    if (error instanceof UserError) return context.json({ error: error.parts.rule, received: error.parts.received ?? '', next: error.parts.next ?? '' }, 400)
    if (error instanceof z.ZodError || error instanceof SyntaxError) return context.json({ error: 'The request is not well formed.', received: error.message.slice(0, 300) }, 400)
    console.error(error)
    return context.json({ error: 'The lab failed to answer.' }, 500)
  })

  const runOf = (context: Context) => index.find(context.req.param('experiment') ?? '', context.req.param('id') ?? '')

  app.get('/api/lab', context => context.json({ name: '30ddlf' }))
  app.get('/api/experiments', context => context.json(experiments.filter(experiment => experiment.own === undefined).map(settingsForm)))

  app.get('/api/runs', context => {
    const { experiment, status, text, sort, offset, limit } = listSchema.parse(context.req.query())
    const places = index.places(experiment)
    if (status === undefined && !text && sort === 'newest') {
      // The common case reads the records of one page only.
      return context.json({ total: places.length, runs: index.list(places.slice(offset, offset + limit)).map(line) })
    }
    let runs = index.list(places).filter(run =>
      (status === undefined || run.status === status) && (!text || `${run.experiment}/${run.id} ${JSON.stringify(run.record.config)}`.includes(text)))
    if (sort !== 'newest') {
      const value = (run: RunListing) => flatMetrics(run.summary?.['metrics'])[sort] ?? Number.NaN
      const direction = /accuracy/.test(sort) ? -1 : 1
      runs = runs.map(run => ({ run, key: value(run) })).sort((a, b) => direction * (a.key - b.key) || Number(Number.isNaN(a.key)) - Number(Number.isNaN(b.key))).map(({ run }) => run)
    }
    return context.json({ total: runs.length, runs: runs.slice(offset, offset + limit).map(line) })
  })

  app.post('/api/runs', async context => {
    const { experiment: name, settings } = startSchema.parse(await context.req.json())
    const experiment = findExperiment(experiments, name)
    const resolved = parseSettings(experiment, settings)
    const run = await trainings.start({ kind: 'start', experiment: name, settings: { ...resolved }, command: ['ddlf', 'lab'] })
    return context.json({ run }, 201)
  })

  app.get('/api/runs/:experiment/:id', context => {
    const run = index.read(runOf(context))
    return context.json({ ...line(run), record: run.record, summary: run.summary, stoppable: trainings.has(`${run.experiment}/${run.id}`) })
  })
  app.post('/api/runs/:experiment/:id/stop', context => {
    const { experiment, id } = runOf(context)
    trainings.stop(`${experiment}/${id}`)
    return context.json({ asked: true })
  })
  app.post('/api/runs/:experiment/:id/resume', async context => {
    const { experiment, id } = runOf(context)
    return context.json({ run: await trainings.start({ kind: 'resume', run: `${experiment}/${id}` }) })
  })
  app.get('/api/runs/:experiment/:id/mistakes', async context => {
    const run = runOf(context)
    const found = await mistakesOf(run, findExperiment(experiments, run.experiment))
    return found ? context.json(found) : context.json({ error: 'The run keeps no outputs on labelled pictures yet.' }, 404)
  })

  // Server-sent events: `metrics` with the cursor as its id, `status` when it changes. A reader that lost the line says where it was.
  app.get('/api/runs/:experiment/:id/events', context => {
    const run = runOf(context)
    const given = Number(context.req.header('last-event-id') ?? context.req.query('cursor') ?? 0)
    let cursor = Number.isSafeInteger(given) && given >= 0 ? given : 0
    return streamSSE(context, async stream => {
      let told = ''
      for (;;) {
        if (stream.aborted || stream.closed) return
        const { status } = index.read(run)
        const part = metricsAfter(runPaths(run).metrics, cursor)
        cursor = part.cursor
        if (part.restarted || part.metrics.length > 0) {
          const metrics = part.metrics.map(({ step, epoch, name, value }) => [step, epoch, name, Number.isFinite(value) ? value : null])
          await stream.writeSSE({ event: 'metrics', id: String(cursor), data: JSON.stringify({ restarted: part.restarted, metrics }) })
        }
        const stoppable = trainings.has(`${run.experiment}/${run.id}`)
        if (told !== `${status} ${stoppable}`) await stream.writeSSE({ event: 'status', data: JSON.stringify({ status, stoppable }) })
        told = `${status} ${stoppable}`
        // A run that has ended is looked at less often: it may be resumed.
        await stream.sleep(status === 'running' ? pollMilliseconds : 4 * pollMilliseconds)
      }
    })
  })

  app.get('/api/compare', context => {
    const names = (context.req.queries('run') ?? []).slice(0, MOST_RUNS)
    if (names.length === 0) throw new UserError({ rule: 'The comparison names no run.', received: 'none', next: '?run=<experiment>/<id>&run=...' })
    const runs = names.map(name => {
      const [experiment = '', id = ''] = name.split('/')
      return index.read(index.find(experiment, id))
    })
    const measured = runs.map(run => readRunMetrics(run))
    const metric = z.string().max(60).default('test/error').parse(context.req.query('metric'))
    const { axis, values } = alignMetric(measured, metric, 'epoch')
    return context.json({
      runs: runs.map(line), metric, metrics: [...new Set(measured.flatMap(metrics => metricNames(metrics)))].sort(),
      settings: differingSettings(runs.map(run => run.record.config)), axis, values,
    })
  })
  app.all('/api/*', context => context.json({ error: 'The lab has no such address.', received: context.req.path }, 404))

  if (site !== undefined) {
    app.use('/_astro/*', async (context, next) => {
      await next()
      if (context.res.status === 200) context.res.headers.set('Cache-Control', 'private, max-age=31536000, immutable')
    })
    app.use('*', serveStatic({ root: site }))
  }
  app.notFound(context => context.text('There is no such page.', 404))
  return { app, token, running: () => trainings.running, close: () => trainings.close() }
}
