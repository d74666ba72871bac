// Studies in the lab: listed, shown as they grow, started and stopped from a page; journals that others write.
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createStudy, floatRange, randomSampler, searchSpace, tpeSampler } from '@ddlf/lab'
import { listRuns, openStudyJournal } from '@ddlf/lab/node'
import { createLab, type StudyDetail, type StudyLine } from '@ddlf/lab/server'
import { afterAll, describe, expect, it } from 'vitest'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const PATIENCE = 300_000
const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href
const labs: ReturnType<typeof createLab>[] = []
afterAll(() => Promise.all(labs.map(lab => lab.close())))

/** What the addresses of studies answer: a list, a study, a beginning, a space, or a mistake. */
type Answer = StudyDetail & readonly StudyLine[] & { readonly space: readonly string[]; readonly error?: string }

function open(folder: string) {
  const lab = createLab({
    root: path.join(folder, 'runs'),
    studies: path.join(folder, 'studies'),
    experiments,
    experimentsModule,
  })
  labs.push(lab)
  const headers = { host: '127.0.0.1:4173', authorization: `Bearer ${lab.token}` }
  const page = { 'content-type': 'application/json', 'origin': 'http://127.0.0.1:4173', 'x-lab-page': '1' }
  const ask = async (place: string, body?: unknown) => {
    const init =
      body === undefined
        ? { headers }
        : { method: 'POST', headers: { ...headers, ...page }, body: JSON.stringify(body) }
    const response = await lab.app.request(`http://127.0.0.1:4173${place}`, init)
    return { status: response.status, answer: (await response.json()) as Answer }
  }
  return ask
}

const start = (folder: string, trials: number) => ({
  experiment: 'text-table',
  trials,
  space: ['learningRate=log:1e-3..1'],
  settings: { data: writeTable(folder), buckets: 50, epochs: 1 },
  jobs: 1,
})

describe('studies in the lab', () => {
  it(
    'start from a page, grow, and are listed with their best',
    async () => {
      const folder = temporaryFolder()
      const ask = open(folder)
      expect((await ask('/api/studies')).answer).toEqual([])
      const asked = {
        ...start(folder, 2),
        enqueue: ['learningRate=0.25'], seed: 7, keep: 'best', epochs: 2, timeout: '1h', objectives: ['accuracy'],
      }
      expect(await ask('/api/studies', asked)).toMatchObject({
        status: 201,
        answer: { study: 'text-table' },
      })
      expect(await ask('/api/studies', { ...start(folder, 2), study: 'second' })).toMatchObject({
        status: 400,
        answer: { error: expect.stringContaining('one study at a time') as string },
      })
      await expect
        .poll(async () => (await ask('/api/studies/text-table')).answer, {
          timeout: PATIENCE,
          interval: 300,
        })
        .toMatchObject({
          running: false,
          stoppable: false,
          counts: { complete: 2 },
          objectives: ['accuracy'],
          experiment: 'text-table',
        })
      const { answer } = await ask('/api/studies/text-table')
      expect(answer.trials.map(({ state, steps, runs }) => [state, steps.length, runs.length])).toEqual([
        ['complete', 1, 1],
        ['complete', 1, 1],
      ])
      // All that the command says can be said here.
      const [first, second] = answer.trials.map(({ params }) => params['learningRate'])
      expect(first).toBe(0.25)
      const space = searchSpace({ learningRate: floatRange(1e-3, 1, { log: true }) })
      const drawn = createStudy({ name: 'same', space, sampler: tpeSampler(), seed: 7 })
      drawn.tell(drawn.ask({ learningRate: 0.25 }).number, 1)
      expect(second).toBe(drawn.ask().params['learningRate'])
      expect(listRuns({ root: path.join(folder, 'runs') }).runs).toHaveLength(1)
      expect(answer.best?.[0]).toBe(Math.max(...answer.trials.map(({ values }) => values?.[0] ?? 0)))
      expect((await ask(`/api/studies/text-table?known=${answer.version}`)).answer).toEqual({
        version: answer.version,
        running: false,
        stoppable: false,
      })
      expect((await ask('/api/studies')).answer).toHaveLength(1)
    },
    PATIENCE,
  )

  it(
    'stop at a checkpoint, and go on to a greater total',
    async () => {
      const folder = temporaryFolder()
      const ask = open(folder)
      const long = { ...start(folder, 1), settings: { data: writeTable(folder), buckets: 50, epochs: 2000 } }
      await ask('/api/studies', long)
      await expect
        .poll(async () => (await ask('/api/studies/text-table')).answer.trials[0]?.steps.length ?? 0, {
          timeout: PATIENCE,
        })
        .toBeGreaterThan(1)
      expect((await ask('/api/studies/text-table/stop', {})).status).toBe(200)
      await expect
        .poll(async () => (await ask('/api/studies/text-table')).answer.running, { timeout: PATIENCE })
        .toBe(false)
      const { answer } = await ask('/api/studies/text-table')
      expect(answer.trials).toHaveLength(1)
      expect(answer.trials[0]).toMatchObject({ state: 'running' })
      expect((await ask('/api/studies/text-table/stop', {})).answer.error).toContain('has not started this study')
    },
    PATIENCE,
  )

  it(
    'begin nothing where their data are not there',
    async () => {
      const folder = temporaryFolder()
      const ask = open(folder)
      const lost = { ...start(folder, 2), settings: { data: path.join(folder, 'none.csv'), buckets: 50, epochs: 1 } }
      expect(await ask('/api/studies', lost)).toMatchObject({
        status: 400,
        answer: { error: expect.stringMatching(/must be a table/) as string },
      })
      expect((await ask('/api/studies')).answer).toEqual([])
    },
    PATIENCE,
  )

  it('a journal that another process writes is read on from where it was; a torn line waits', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    const journal = openStudyJournal(path.join(folder, 'studies', 'foreign'))
    const study = createStudy({
      name: 'foreign',
      space: searchSpace({ x: floatRange(0, 1) }),
      sampler: randomSampler(),
      journal,
    })
    const { number } = study.ask()
    const detail = async () => (await ask('/api/studies/foreign')).answer
    expect(await detail()).toMatchObject({ running: true, trials: [{ state: 'running' }] })
    study.report(number, 1, 0.5)
    study.tell(number, Number.NaN)
    expect(await detail()).toMatchObject({ trials: [{ state: 'failed', steps: [[1, 0.5]] }] })
    journal.close()
    appendFileSync(journal.place, '{"op_code": 4, "study_id"')
    expect((await detail()).trials).toHaveLength(1)
    expect(await ask('/api/studies/none')).toMatchObject({
      status: 400,
      answer: { error: 'There is no study of this name.' },
    })
    expect((await ask('/api/studies/..%2Fruns')).status).toBe(400)
  })

  it('a page that has a version gets the trials that changed since, and all where the journal is another', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    const begin = () => openStudyJournal(path.join(folder, 'studies', 'grows'))
    let journal = begin()
    const made = () =>
      createStudy({ name: 'grows', space: searchSpace({ x: floatRange(0, 1) }), sampler: randomSampler(), journal })
    const study = made()
    for (let i = 0; i < 30; i++) study.tell(study.ask().number, i)
    const first = study.ask().number
    const since = async (known: string) => (await ask(`/api/studies/grows?known=${known}`)).answer
    const all = await since('')
    expect(all).toMatchObject({ whole: true, best: [0] })
    expect(all.trials).toHaveLength(31)
    const { number } = study.ask()
    study.report(first, 1, 0.5)
    study.tell(number, -1)
    const news = await since(all.version)
    expect(news).toMatchObject({ whole: false, best: [-1], front: [31] })
    expect(news.trials.map(trial => [trial.number, trial.state, trial.steps.length])).toEqual([
      [30, 'running', 1],
      [31, 'complete', 0],
    ])
    expect((await since(news.version)).trials).toBeUndefined()
    journal.close()
    // Opened anew, the journal is another file.
    rmSync(journal.place)
    journal = begin()
    const other = made()
    for (let i = 0; i < 60; i++) other.tell(other.ask().number, i)
    const again = await since(news.version)
    expect(again).toMatchObject({ whole: true, best: [0] })
    expect(again.trials).toHaveLength(60)
    journal.close()
  })

  it('a study goes on to more trials than it has, and what went wrong before is said no more', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    await ask('/api/studies', start(folder, 6))
    // Every trial misses what was there when the study began.
    rmSync(path.join(folder, 'texts.csv'))
    const answer = async () => (await ask('/api/studies/text-table')).answer
    await expect.poll(async () => (await answer()).running, { timeout: PATIENCE }).toBe(false)
    expect((await answer()).trouble).toMatch(/all failed/)
    const { trials } = await answer()
    const again = { experiment: 'text-table', study: 'text-table', trials: trials.length }
    expect(await ask('/api/studies', again)).toMatchObject({
      status: 400,
      answer: { error: 'A study goes on to more trials than it has.', next: `Give at least ${trials.length + 1}.` },
    })
    expect((await answer()).running).toBe(false)
  }, PATIENCE)

  it('says what would be tuned, and refuses a mistake in words', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    const { answer } = await ask('/api/experiments/text-table/space')
    expect(answer.space[0]).toMatch(/^learningRate=log:/)
    expect(await ask('/api/studies', { ...start(folder, 1), space: ['speed=int:1..2'] })).toMatchObject({
      status: 400,
      answer: { received: 'speed' },
    })
    expect((await ask('/api/studies', { experiment: 'text-table', trials: 0 })).status).toBe(400)
    expect((await ask('/api/studies')).answer).toEqual([])
  })

  it.each<[string, object]>([
    ['experiment', { experiment: 'text-tabel' }],
    ['study', { study: '../x' }],
    ['study', { study: 'n'.repeat(300) }],
    ['trials', { trials: 0 }],
    ['trials', { trials: 'many' }],
    ['space', { space: ['learningRate=log:0..1'] }],
    ['space', { space: ['speed=int:1..2'] }],
    ['enqueue', { space: ['learningRate=log:0.1..1'], enqueue: ['learningRate=5'] }],
    ['enqueue', { space: ['learningRate=log:0.1..1'], enqueue: ['learningRate'] }],
    ['settings', { settings: { epochs: -1 } }],
    ['settings', { settings: { evaluateTest: true } }],
    ['sampler', { sampler: 'bayes' }],
    ['pruner', { pruner: 'median', objectives: ['accuracy', 'seconds'] }],
    ['objectives', { objectives: ['speed'] }],
    ['repeats', { repeats: 0 }],
    ['seed', { seed: 1.5 }],
    ['timeout', { timeout: '5' }],
    ['timeout', { timeout: 5 }],
    ['epochs', { epochs: 'x' }],
    ['flop', { flop: -1 }],
    ['jobs', { jobs: 100 }],
    ['keep', { keep: 'some' }],
  ])('a mistake is named with its field: %s %j', async (field, mistake) => {
    const folder = temporaryFolder()
    const { status, answer } = await open(folder)('/api/studies', { experiment: 'text-table', trials: 1, ...mistake })
    expect(status).toBe(400)
    expect(answer).toMatchObject({ field, error: expect.stringMatching(/^(?!.*(expected|Invalid input)).+\.$/) as string })
    expect((answer as unknown as { received: string }).received).not.toBe('')
  })

  it('takes no __proto__ for a setting', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    const forged = JSON.parse('{"experiment":"text-table","trials":1,"settings":{"__proto__":{"epochs":1}}}') as object
    for (const place of ['/api/studies', '/api/runs', '/api/experiments/text-table/graph']) {
      expect(await ask(place, forged)).toMatchObject({
        status: 400,
        answer: { error: 'The request is not well formed.', received: expect.stringContaining('__proto__') as string },
      })
    }
  })

  it('a long journal is read while other questions are answered; one that cannot be read is named', async () => {
    const folder = temporaryFolder()
    const ask = open(folder)
    const journal = openStudyJournal(path.join(folder, 'studies', 'long'))
    const space = searchSpace({ x: floatRange(0, 1) })
    const study = createStudy({ name: 'long', space, sampler: randomSampler(), journal })
    const { number } = study.ask()
    // Many steps of one trial, written at once: 120,000 lines.
    journal.append(Array.from({ length: 120_000 }, (_, step) => ({
      op_code: 7, worker_id: 'made', trial_id: number, step: step + 1, intermediate_value: 0.5,
    }) as const))
    journal.close()
    const broken = path.join(folder, 'studies', 'broken')
    mkdirSync(broken)
    writeFileSync(path.join(broken, 'journal.jsonl'), 'no record\n')
    const order: string[] = []
    const asked = async (place: string) => {
      const { answer } = await ask(place)
      order.push(place)
      return answer
    }
    const [listed] = await Promise.all([asked('/api/studies'), asked('/api/lab'), asked('/api/experiments')])
    expect(order.at(-1)).toBe('/api/studies')
    expect(listed.map(({ name, unreadable }) => [name, unreadable])).toEqual([
      ['broken', expect.stringMatching(/journal\.jsonl, line 1: This line is no JSON/)],
      ['long', null],
    ])
    expect((await asked('/api/studies/long')).trials[0]?.steps).toHaveLength(120_000)
  }, PATIENCE)
})
