// The lab's list of runs: seeds of one setting in a row, how runs went in words, what people write beside a run, small
// curves; what a comparison says in a sentence.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { classification, experiment, publishedSet, trainingSettings } from '@ddlf/lab'
import { createRun, runPaths, readRunRecord, writeRunRecord, writeRunSummary } from '@ddlf/lab/node'
import { RunIndex } from '../../src/server/run-index.ts'
import { listInLab } from '../../src/server/run-list.ts'
import { createLab, type LabComparison, type RunDetail, type RunsFound, type RunSpark } from '@ddlf/lab/server'
import { Flatten, Linear, Sequential } from '@ddlf/nn'
import { afterAll, describe, expect, it } from 'vitest'

const softmax = experiment({
  name: 'softmax',
  title: 'Softmax',
  question: 'How far does a linear model come?',
  data: publishedSet('mnist'),
  config: trainingSettings,
  task: classification(),
  model: () => new Sequential(new Flatten(), new Linear(784, 10)),
})
const root = mkdtempSync(join(tmpdir(), 'ddlf-rows-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const lab = createLab({ root, experiments: [softmax], experimentsModule: '' })
const machine = { cpu: 'a test', cores: 1, memory: 1, os: 'none' }
const provenance = { git: null, lockFile: null, machine, versions: {} }

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const init = body === undefined
    ? {}
    : { method: 'POST', body: JSON.stringify(body) }
  const headers = {
    host: '127.0.0.1:1', authorization: `Bearer ${lab.token}`, 'content-type': 'application/json', 'x-lab-page': '1',
    ...(body !== undefined && { origin: 'http://127.0.0.1:1' }),
  }
  const response = await lab.app.request(`http://127.0.0.1:1${path}`, { ...init, headers })
  return (await response.json()) as T
}

interface Made {
  readonly rate: number
  readonly seed: number
  readonly error?: number
  readonly advice?: string
  readonly failure?: string
  readonly code?: string
}

/** A run that ended as it is told. */
function made({ rate, seed, error, advice, failure, code }: Made): string {
  const config = { learningRate: rate, epochs: 3, seed }
  const run = createRun({ root, experiment: 'softmax', config, seed, command: [], provenance })
  const record = readRunRecord(run)
  const attempt = { number: 1, startedAt: '', endedAt: '', pid: 1, host: '', fromStep: 0, commit: null }
  const attempts = [{ ...attempt, code: code ?? null, reason: failure ?? 'completed' }]
  writeRunRecord(run, { ...record, status: failure === undefined ? 'completed' : 'failed', attempts })
  if (error !== undefined)
    writeRunSummary(run, { metrics: { test: { error, loss: 1 } }, seconds: 2, ...(advice && { advice }) })
  const lines = [1, 2, 3].map(epoch =>
    JSON.stringify({ step: 10 * epoch, epoch, wallTime: 0, name: 'test/error', value: (error ?? 1) * (4 - epoch) }))
  writeFileSync(runPaths(run).metrics, `${lines.join('\n')}\n`)
  return `softmax/${run.id}`
}

describe('the rows of the list', () => {
  const errors = [0.1, 0.11, 0.12, 0.1, 0.13, 0.1]
  const slow = errors.map((error, i) => made({ rate: 0.01, seed: i + 1, error: error + 0.05 }))
  const fast = errors.map((error, i) => made({ rate: 0.5, seed: i + 1, error }))
  const lost = made({ rate: 9, seed: 1, error: 0.9, advice: 'This is no better than chance: ...' })
  const failure = 'The loss is no longer a finite number, so the training stopped. ...'
  const broken = made({ rate: 99, seed: 1, failure })

  it('hold the seeds of a setting together, with the mean and its interval', async () => {
    const { total, count, runs } = await ask<RunsFound>('/api/runs?fold=1')
    expect([total, count]).toEqual([4, 14])
    const row = runs.find(({ given }) => given['learningRate'] === 0.5)!
    expect(row.members.map(({ name }) => name).sort()).toEqual(fast.toSorted())
    expect(row.given).toEqual({ learningRate: 0.5, epochs: 3 })
    // scipy.stats.t.interval(0.95, 5, loc=0.11, scale=scipy.stats.sem(errors)): 0.0972 to 0.1228.
    expect(row.spread['test/error']?.mean).toBeCloseTo(0.11, 9)
    expect(row.spread['test/error']?.half).toBeCloseTo(0.01328, 4)
    const sorted = await ask<RunsFound>('/api/runs?fold=1&sort=test/error')
    expect(sorted.runs.map(({ given }) => given['learningRate'])).toEqual([0.5, 0.01, 9, 99])
    // What every object has is no metric that a run measured: the order is that of the newest.
    for (const name of ['constructor', 'toString'])
      expect((await ask<RunsFound>(`/api/runs?fold=1&sort=${name}`)).runs).toEqual(runs)
  })

  it('say which are trials of a study, and can be without them', async () => {
    const study = { name: 'wide', trial: 7 }
    const config = { learningRate: 0.1234567890123456, epochs: 3, batchSize: 64, hidden: 5, seed: 1 }
    const trial = createRun({ root, experiment: 'softmax', config, seed: 1, command: [], provenance, study })
    // What its record calls chosen is all that names a run of an experiment that is none of today's.
    const [named, older] = [['hidden'], undefined].map(chosen =>
      createRun({ root, experiment: 'own', config, seed: 1, command: [], provenance, ...(chosen && { chosen }) }))
    const found = async (query: string) => (await ask<RunsFound>(`/api/runs?${query}`)).runs
    const only = await found('trials=only')
    expect(only.map(({ id, study: of }) => [id, of])).toEqual([[trial.id, study]])
    const others = await found('trials=hide&limit=500')
    expect(others.some(({ id }) => id === trial.id)).toBe(false)
    expect(others.find(({ id }) => id === named!.id)?.given).toEqual({ hidden: 5 })
    expect(others.find(({ id }) => id === older!.id)?.given).toEqual({
      learningRate: 0.1234567890123456, epochs: 3, hidden: 5,
    })
    for (const { folder } of [trial, named!, older!]) rmSync(folder, { recursive: true })
  })

  it('are set apart by code that was changed between runs of one seed', async () => {
    const codes = ['1a2b3c4d', '5e6f7a8b'].map(start => start.padEnd(64, '0'))
    const names = codes.map((code, at) => made({ rate: 0.3, seed: 1, error: 0.2 - at / 10, code }))
    // Edited between two seeds of one setting, as a course's file is for another experiment: one row.
    const seeds = codes.map((code, at) => made({ rate: 0.4, seed: at + 1, error: 0.2, code }))
    const { runs } = await ask<RunsFound>('/api/runs?fold=1&limit=500')
    const of = (rate: number) => runs.filter(({ given }) => given['learningRate'] === rate)
    expect(of(0.3).map(({ code, members }) => [code, members.length]).sort()).toEqual([['1a2b3c4', 1], ['5e6f7a8', 1]])
    expect(of(0.4).map(({ code, members }) => [code, members.length])).toEqual([[undefined, 2]])
    const found = await ask<LabComparison>(`/api/compare?run=${names.join('&run=')}`)
    expect(found.settings).toEqual([{ setting: 'code', values: ['1a2b3c4', '5e6f7a8'] }])
    expect(found.sentence).toContain('code=1a2b3c4 has a higher test error than code=5e6f7a8')
    for (const name of [...names, ...seeds]) rmSync(join(root, name), { recursive: true })
  })

  it('have a curve whatever is measured, such as the losses of several phases', async () => {
    const config = { learningRate: 3, epochs: 3, seed: 1 }
    const run = createRun({ root, experiment: 'softmax', config, seed: 1, command: [], provenance })
    const lines = [1, 2].map(epoch =>
      JSON.stringify({ step: epoch, epoch, wallTime: 0, name: 'train/generator.loss', value: epoch }))
    writeFileSync(runPaths(run).metrics, `${lines.join('\n')}\n`)
    expect(await ask<RunSpark>(`/api/runs/softmax/${run.id}/spark`)).toMatchObject({
      metric: 'train/generator.loss', values: [1, 2], epoch: 2,
    })
    rmSync(run.folder, { recursive: true })
  })

  it('are looked through in turns with others', async () => {
    const index = new RunIndex(root)
    const [place] = index.places()
    const [run] = index.list([place!])
    const [places, list] = [() => [], () => []]
    const listMany = () => Promise.resolve(Array.from({ length: 2000 }, () => run!))
    const many = { places, list, listMany }
    let ticks = 0
    const tick = () => {
      ticks++
      next = setImmediate(tick)
    }
    let next = setImmediate(tick)
    const { count } = await listInLab(many as unknown as RunIndex, { text: run!.id, fold: '1' })
    clearImmediate(next)
    expect([count, ticks >= 8]).toEqual([2000, true])
  })

  it('count the finished run of a seed, not a newer one that was stopped', async () => {
    const of = { rate: 0.7, seed: 1 }
    made({ ...of, error: 0.2 })
    made({ rate: 0.7, seed: 2, error: 0.4 })
    made({ rate: 0.7, seed: 2, error: 0.6 })
    made({ ...of, error: 0.9, failure: 'out of memory' })
    const { runs } = await ask<RunsFound>('/api/runs?fold=1&sort=test/error')
    const row = runs.find(({ given }) => given['learningRate'] === 0.7)!
    // Seed 1: 0.2; seed 2: the mean of 0.4 and 0.6.
    expect(row.spread['test/error']?.mean).toBeCloseTo(0.35, 12)
    for (const { name } of row.members) rmSync(join(root, name), { recursive: true })
  })

  it('give way to others while the records of many runs are read', async () => {
    const index = new RunIndex(root)
    const [place] = index.places()
    let ticks = 0
    const tick = () => {
      ticks++
      next = setImmediate(tick)
    }
    let next = setImmediate(tick)
    const runs = await index.listMany(Array.from({ length: 200 }, () => place!))
    clearImmediate(next)
    expect([runs.length, ticks > 3]).toEqual([200, true])
  })

  it('are listed from the newest on while the records of very many are being read', async () => {
    const many = mkdtempSync(join(tmpdir(), 'ddlf-many-'))
    const pathOf = (i: number) => join(many, 'softmax', `20200101-${String(i).padStart(6, '0')}-made`)
    const record = (i: number, status: string) =>
      writeFileSync(join(pathOf(i), 'run.json'), JSON.stringify({
        format: 1, experiment: 'softmax', id: basename(pathOf(i)), status, createdAt: '2020-01-01T00:00:00.000Z',
        config: { rate: i }, seed: 1, command: [], git: null, lockFile: null, data: {}, machine: null, versions: {},
        attempts: [],
      }))
    for (let i = 0; i < 700; i++) {
      mkdirSync(pathOf(i), { recursive: true })
      record(i, 'failed')
    }
    const index = new RunIndex(many)
    const newest = await listInLab(index, { fold: '1', soon: '1', limit: '10' })
    expect(newest.reading).toEqual({ read: 200, of: 700 })
    expect(newest.runs.map(({ config }) => config['rate'])).toEqual(Array.from({ length: 10 }, (_, i) => 699 - i))
    const whole = async () => (await listInLab(index, { fold: '1', soon: '1' })).reading === undefined
    while (!(await whole())) await new Promise(resolve => setImmediate(resolve))
    expect(await listInLab(index, { fold: '1', soon: '1', limit: '10' })).toMatchObject({ total: 700, count: 700 })
    // Where somebody looks, a run is read as it stands; elsewhere, when its turn has come.
    record(0, 'stopped')
    record(1, 'stopped')
    expect((await listInLab(index, { fold: '1', offset: '699' })).runs[0]?.status).toBe('stopped')
    const stopped = async () => (await listInLab(index, { status: 'stopped', fold: '1' })).total
    let looks = 0
    while ((await stopped()) < 2) expect(++looks).toBeLessThan(4)
    rmSync(many, { recursive: true })
  })

  it('lead to pages that list the own files of a run, and no more than can be read', async () => {
    const [elsewhere, folder] = [mkdtempSync(join(tmpdir(), 'ddlf-foreign-')), join(root, fast[0]!)]
    writeFileSync(join(elsewhere, 'foreign.txt'), 'mine')
    symlinkSync(elsewhere, join(folder, 'extra'))
    // Followed, these two are 2^40 paths.
    for (const name of ['a', 'b']) symlinkSync('.', join(folder, name))
    for (let i = 0; i < 1200; i++) writeFileSync(join(folder, 'artifacts', `f${i}`), '')
    const detail = await ask<RunDetail>(`/api/runs/${fast[0]!}`)
    const names = detail.files.map(({ name }) => name)
    for (const name of ['extra', 'a', 'b', 'artifacts']) rmSync(join(folder, name), { recursive: true })
    rmSync(elsewhere, { recursive: true })
    expect(names.filter(name => /^(a|b|extra)(\/|$)/.test(name))).toEqual([])
    expect(names.length).toBe(60)
  })

  it('tell the interval of a share by the head of the outputs, whose data may be of any size', async () => {
    const file = join(root, fast[1]!, 'artifacts', 'test-outputs.safetensors')
    const head = JSON.stringify({ logits: { dtype: 'F32', shape: [10_000, 100_000], data_offsets: [0, 4e9] } })
    const bytes = Buffer.alloc(8 + head.length)
    bytes.writeBigUInt64LE(BigInt(head.length))
    bytes.write(head, 8)
    writeFileSync(file, bytes)
    // A hole: four gigabytes that no disk holds, and that nobody reads.
    truncateSync(file, bytes.length + 4e9)
    const { verdict } = await ask<RunDetail>(`/api/runs/${fast[1]!}`)
    rmSync(file)
    // Wilson's interval of 1,100 in 10,000.
    expect(verdict).toBe('Test error 11.00 %; 95 % interval 10.40 % to 11.63 % over 10,000 examples.')
  })

  it('say in words how runs went, and narrow to that', async () => {
    const { runs } = await ask<RunsFound>('/api/runs?fold=1')
    expect(Object.fromEntries(runs.map(({ given, outcome }) => [given['learningRate'], outcome]))).toEqual({
      0.01: 'finished', 0.5: 'finished', 9: 'at chance', 99: 'diverged',
    })
    for (const [status, name] of [['at chance', lost], ['diverged', broken]] as const) {
      const found = await ask<RunsFound>(`/api/runs?fold=1&status=${encodeURIComponent(status)}`)
      expect(found.runs.map(run => run.name)).toEqual([name])
    }
  })

  it('are found by what is written beside a run, which no record holds', async () => {
    const notes = { title: ' The fast one ', tags: ['baseline', 'baseline', 'größer'], note: 'To be repeated.' }
    expect(await ask(`/api/runs/${fast[0]!}/notes`, notes)).toEqual({
      title: 'The fast one', tags: ['baseline', 'größer'], note: 'To be repeated.',
    })
    for (const query of ['tag=baseline', 'text=fast%20ONE', 'text=repeated']) {
      const { runs } = await ask<RunsFound>(`/api/runs?${query}`)
      expect(runs.map(({ name }) => name), query).toEqual([fast[0]])
    }
    const wrong = { tags: ['two words'] }
    const refused = await ask<{ error: string; received: string }>(`/api/runs/${fast[0]!}/notes`, wrong)
    expect(refused.received).toContain('a tag is one word')
    expect((await ask<RunDetail>(`/api/runs/${fast[0]!}`)).notes.title).toBe('The fast one')
  })

  it('have curves as small as a word', async () => {
    const spark = await ask<RunSpark>(`/api/runs/${fast[0]!}/spark`)
    expect(spark).toMatchObject({ metric: 'test/error', epoch: 3, step: 30 })
    expect(spark.values.map(value => Number(value?.toFixed(6)))).toEqual([0.3, 0.2, 0.1])
  })

  it('compare in a sentence: which is better, by how much, and how sure that is', async () => {
    const compared = async (names: readonly string[]) =>
      (await ask<LabComparison>(`/api/compare?${names.map(name => `run=${name}`).join('&')}`)).sentence
    // Six pairs of one sign: 2 of 64 assignments are as extreme.
    expect(await compared([...fast, ...slow])).toBe(
      'learningRate=0.5 has a lower test error than learningRate=0.01: by 5.00 ± 0.00 percentage points ' +
      'over 6 paired seeds, p = 0.031.',
    )
    expect(await compared([fast[0]!, slow[0]!])).toMatch(/^learningRate=0.5 has a lower test error .* nobody knows/)
    expect(await compared(fast)).toBe('One setting, 6 seeds: the mean test error is 11.00 % ± 1.33 % (95 % interval).')
    const three = [...fast.slice(0, 3), ...slow.slice(0, 3)]
    expect(await compared(three)).toMatch(/^No difference .* p = 0.25; 3 seeds cannot show one, six can\.$/)
    const best = /^Best of 3 settings: learningRate=0.5, 10.00 %, 5.00 per/
    expect(await compared([fast[0]!, slow[0]!, lost])).toMatch(best)
  })
})
