// The lab's API: who may ask, what it refuses, lists of very many runs, metrics with a cursor.
import fs, { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { classification, experiment, publishedSet, trainingSettings } from '@ddlf/lab'
import { createRun, runPaths, writeRunSummary } from '@ddlf/lab/node'
import { createLab, serveLab, type ExperimentForm } from '@ddlf/lab/server'
import { Flatten, Linear, Sequential } from '@ddlf/nn'
import { afterAll, describe, expect, it, vi } from 'vitest'

const softmax = experiment({
  name: 'softmax',
  title: 'Softmax',
  question: 'How far does a linear model come?',
  data: publishedSet('mnist'),
  config: trainingSettings,
  task: classification(),
  model: () => new Sequential(new Flatten(), new Linear(784, 10)),
})
const provenance = {
  git: null,
  lockFile: null,
  machine: { cpu: 'a test', cores: 1, memory: 1, os: 'none' },
  versions: {},
}

const folders: string[] = []
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })), 60_000)
const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ddlf-lab-'))
  folders.push(folder)
  return folder
}

/** A lab over a folder with some finished runs. */
function labWith(runs: number) {
  const root = temporaryFolder()
  const made = Array.from({ length: runs }, (_, i) => {
    const run = createRun({
      root,
      experiment: 'softmax',
      config: { learningRate: (i + 1) / 10, epochs: 1 },
      seed: i,
      command: [],
      provenance,
    })
    writeRunSummary(run, { metrics: { test: { error: (i + 1) / 100, loss: 1 } }, seconds: 1 })
    writeFileSync(
      runPaths(run).metrics,
      [1, 2, 3]
        .map(step => `${JSON.stringify({ step, epoch: step / 3, wallTime: 0, name: 'test/error', value: 1 / step })}\n`)
        .join(''),
    )
    return run
  })
  const lab = createLab({ root, experiments: [softmax], experimentsModule: '', pollMilliseconds: 5 })
  return { root, made, lab }
}

const ask = (lab: ReturnType<typeof createLab>, path: string, init: RequestInit = {}) =>
  lab.app.request(`http://127.0.0.1:4173${path}`, {
    ...init,
    headers: {
      host: '127.0.0.1:4173',
      authorization: `Bearer ${lab.token}`,
      ...(init.headers as Record<string, string> | undefined),
    },
  })

/** What a page of the lab sends. */
const post = (body: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body,
  headers: { 'content-type': 'application/json', origin: 'http://127.0.0.1:4173', 'x-lab-page': '1', ...headers },
})

describe('who may ask', () => {
  const { lab } = labWith(1)
  it.each(['127.0.0.1:4173', 'localhost:4173', '[::1]:4173', 'localhost'])('answers Host: %s', async host => {
    expect((await ask(lab, '/api/runs', { headers: { host } })).status).toBe(200)
  })
  it.each(['evil.example', '127.0.0.1.evil.example:4173', 'localhost.evil.example', '192.168.0.2:4173', ''])(
    'refuses Host: "%s"',
    async host => {
      expect((await ask(lab, '/api/runs', { headers: { host } })).status).toBe(403)
    },
  )
  it.each(['http://evil.example', 'http://localhost:9999', 'null', 'https://127.0.0.1:4173'])(
    'refuses Origin: %s',
    async origin => {
      expect((await ask(lab, '/api/runs', { headers: { origin } })).status).toBe(403)
      expect((await ask(lab, '/api/runs', post('{}', { origin }))).status).toBe(403)
    },
  )
  it('refuses what another site makes a browser ask', async () => {
    expect((await ask(lab, '/api/runs', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
    expect(
      (await ask(lab, '/api/runs', { method: 'POST', body: '{}', headers: { 'content-type': 'text/plain' } })).status,
    ).toBe(415)
  })
  it('answers its own pages, under a strict policy', async () => {
    const response = await ask(lab, '/api/runs', {
      headers: { origin: 'http://127.0.0.1:4173', 'sec-fetch-site': 'same-origin' },
    })
    expect(response.status).toBe(200)
    const policy = response.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(/script-src [^;]*/.exec(policy)?.[0]).toBe("script-src 'self' 'wasm-unsafe-eval'")
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin')
  })
  it('lets only the worker of the exercises evaluate text, and that one without a network', async () => {
    const policyOf = async (path: string) => (await ask(lab, path)).headers.get('content-security-policy') ?? ''
    const policy = await policyOf('/_astro/exercise-worker-Ab1_-2.js')
    expect(policy).toBe("default-src 'none'; script-src 'self' 'unsafe-eval'")
    for (const path of ['/_astro/train-worker-Ab1.js', '/_astro/exercise-worker.js/x.html', '/exercise-worker-1.js'])
      expect(await policyOf(path), path).not.toMatch(/'unsafe-eval'/)
  })
})

describe('what it refuses', () => {
  const { lab, root, made } = labWith(1)
  it('says of an odd query in words what was sent and what to do', async () => {
    const answer = await (await ask(lab, '/api/runs?limit=NaN&fold=7')).json() as Record<string, string>
    expect(answer['received']).toMatch(/^fold=7: .*; limit=NaN: /)
    expect(answer['received']).not.toMatch(/[{["]code/)
    expect(answer['next']).toBe('Give fold and limit another value.')
    const bare = await (await ask(lab, '/api/runs', post('[]'))).json() as Record<string, string>
    expect(bare['received']).toMatch(/^[^{[]+$/)
    expect(bare['next']).toBe('Send what the page sends.')
  })
  const outside = temporaryFolder()
  it.each([
    '/api/runs/../../etc',
    '/api/runs/%2e%2e/passwd',
    '/api/runs/softmax/..%2f..%2f..',
    '/api/runs/softmax/%2e%2e',
    '/api/runs/.hidden/x',
    '/api/runs/softmax/%00',
  ])('a path that leads out: %s', async path => {
    const response = await ask(lab, path)
    expect([400, 404]).toContain(response.status)
    expect(await response.text()).not.toContain('root:')
  })
  it('a link that leads out of the runs folder', async () => {
    const run = createRun({ root: outside, experiment: 'softmax', config: {}, seed: 1, command: [], provenance })
    symlinkSync(run.folder, join(root, 'softmax', '20990101-000000-link'))
    expect((await ask(lab, '/api/runs/softmax/20990101-000000-link')).status).toBe(400)
  })
  it('too large a request', async () => {
    const body = JSON.stringify({ experiment: 'softmax', settings: { x: 'x'.repeat(100_000) } })
    expect((await ask(lab, '/api/runs', post(body, { 'content-length': String(body.length) }))).status).toBe(413)
  })
  it.each([
    '',
    '{',
    '[]',
    '{"experiment":1}',
    '{"experiment":"softmax"}',
    '{"experiment":"softmax","settings":{},"more":1}',
  ])('a malformed request: %s', async body => {
    expect((await ask(lab, '/api/runs', post(body))).status).toBe(400)
  })
  it('settings that the experiment does not have, with the nearest name', async () => {
    const response = await ask(
      lab,
      '/api/runs',
      post(JSON.stringify({ experiment: 'softmax', settings: { learningrate: 0.1 } })),
    )
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ next: "Did you mean 'learningRate'?" })
  })
  it('a run that is not there, with the name that is nearest', async () => {
    const name = `softmax/${made[0]!.id}`
    const answer = await ask(lab, `/api/runs/${name.slice(0, -1)}`)
    expect(await answer.json()).toMatchObject({ next: `Did you mean ${name}?` })
    expect(await (await ask(lab, `/api/runs/${name}`)).json()).toMatchObject({ hasCheckpoint: false })
  })
  it('an unknown address and numbers out of range', async () => {
    expect((await ask(lab, '/api/nothing')).status).toBe(404)
    expect((await ask(lab, '/api/runs?limit=1e9')).status).toBe(400)
    expect((await ask(lab, '/api/runs?offset=-1')).status).toBe(400)
  })
})

describe('lists and comparisons', () => {
  const { lab, made } = labWith(12)
  const list = async (query: string) =>
    (await (await ask(lab, `/api/runs?${query}`)).json()) as {
      total: number
      runs: { name: string; metrics: Record<string, number>; status: string }[]
    }

  it('filters, sorts and pages', async () => {
    expect((await list('limit=5')).runs).toHaveLength(5)
    expect((await list('sort=test/error&limit=1')).runs[0]?.metrics['test/error']).toBe(0.01)
    expect((await list('text=0.7')).total).toBe(1)
    expect((await list('experiment=other')).total).toBe(0)
    expect((await list('status=interrupted')).total).toBe(12)
  })
  it('keeps the other figures of a run of an earlier version with NaN, and shows what a run that learned ' +
    'nothing is told', async () => {
    const {
      lab: other,
      made: [run],
    } = labWith(2)
    writeRunSummary(run!, {
      metrics: { test: { error: 0.5, loss: Number.NaN } },
      seconds: 1,
      advice: 'This is no better than chance.',
    })
    const name = `${run!.experiment}/${run!.id}`
    const line = (await (await ask(other, `/api/runs/${name}`)).json()) as object
    expect(line).toMatchObject({
      metrics: { 'test/error': 0.5, 'test/loss': null },
      advice: 'This is no better than chance.',
    })
    const sorted = (await (await ask(other, '/api/runs?sort=test/loss')).json()) as {
      runs: { name: string; advice: string | null }[]
    }
    expect(sorted.runs.map(one => [one.name === name, one.advice])).toEqual([
      [false, null],
      [true, 'This is no better than chance.'],
    ])
  })
  it('leaves out a run whose record is damaged', async () => {
    const { lab: other, root } = labWith(1)
    mkdirSync(join(root, 'softmax', '20990101-000000-torn'))
    writeFileSync(join(root, 'softmax', '20990101-000000-torn', 'run.json'), '{ "format": 1')
    expect(((await (await ask(other, '/api/runs')).json()) as { runs: unknown[] }).runs).toHaveLength(1)
  })
  it('says in what runs differ and lays their curves on one axis', async () => {
    const query = made.slice(0, 2).map(({ id }) => `run=softmax/${id}`).join('&')
    const comparison = (await (await ask(lab, `/api/compare?${query}`)).json()) as {
      settings: { setting: string; values: number[] }[]
      series: unknown[]
    }
    expect(comparison.settings.map(({ setting }) => setting)).toEqual(['learningRate'])
    expect(comparison.series).toHaveLength(2)
    expect(comparison.series[0]).toEqual({ step: [1, 2, 3], epoch: [1 / 3, 2 / 3, 1], value: [1, 1 / 2, 1 / 3] })
  })
  it('describes the settings of an experiment for a form', async () => {
    const [form] = (await (await ask(lab, '/api/experiments')).json()) as ExperimentForm[]
    const field = (wanted: string) => form?.settings.find(({ name }) => name === wanted)
    const description = 'passes over the training data'
    expect(field('epochs')).toEqual({
      name: 'epochs', description, default: 10, group: 'main', topic: 'training', kind: 'number',
    })
    expect(field('nesterov')).toMatchObject({ group: 'more', choices: [false, true] })
  })
})

describe('very many runs', () => {
  const RUNS = 1_000
  const { lab, root, made: [run] } = labWith(1)
  const { record, summary } = runPaths(run!)
  const [recordText, summaryText] = [record, summary].map(file =>
    fs.readFileSync(file, 'utf8').replace('"running"', '"completed"'),
  ) as [string, string]
  writeFileSync(record, recordText)
  const ids = Array.from({ length: RUNS - 1 }, (_, i) => `20200101-${String(i).padStart(6, '0')}-copy`)
  for (const [i, id] of ids.entries()) {
    const paths = runPaths({ experiment: 'softmax', id, folder: join(root, 'softmax', id) })
    mkdirSync(join(root, 'softmax', id))
    writeFileSync(paths.record, recordText.replaceAll(run!.id, id))
    writeFileSync(paths.summary, summaryText.replace('0.01', String(0.02 + i / RUNS)))
  }
  /** What the lab answers, and how many records it read for that. */
  const asked = async (query: string) => {
    const spy = vi.spyOn(fs, 'openSync')
    syncBuiltinESMExports()
    const { total, runs } = (await (await ask(lab, `/api/runs?${query}`)).json()) as {
      total: number
      runs: { name: string }[]
    }
    const reads = spy.mock.calls.filter(([file]) => typeof file === 'string' && file.endsWith('run.json')).length
    spy.mockRestore()
    syncBuiltinESMExports()
    return { total, names: runs.map(({ name }) => name), reads }
  }

  it('are listed by reading the page that is shown', async () => {
    expect(await asked('limit=50')).toMatchObject({
      total: RUNS,
      reads: 50,
      names: expect.arrayContaining([`softmax/${run!.id}`]) as string[],
    })
    expect(await asked('limit=50')).toMatchObject({ reads: 0 })
    expect(await asked('limit=50&offset=50')).toMatchObject({ reads: 50 })
  })
  it('are sorted and searched by reading each once', async () => {
    const { total, names, reads } = await asked('sort=test/error&limit=2')
    expect([total, names[0]]).toEqual([RUNS, `softmax/${run!.id}`])
    expect(reads).toBe(RUNS - 100)
    expect(await asked('sort=test/loss&limit=50')).toMatchObject({ total: RUNS, reads: 0 })
    expect(await asked('text=000711&limit=50')).toMatchObject({
      total: 1,
      reads: 0,
      names: ['softmax/20200101-000711-copy'],
    })
  })
})

describe('metrics with a cursor', () => {
  it('streams them as events whose id is the cursor, and goes on from the last one', async () => {
    const { lab, made: [run] } = labWith(1)
    const address = `/api/runs/softmax/${run!.id}/events`
    const firstEvents = async (headers: Record<string, string>) => {
      const reader = (await ask(lab, address, { headers })).body!.getReader()
      let text = ''
      while (!text.includes('event: status')) text += new TextDecoder().decode((await reader.read()).value)
      await reader.cancel()
      return text
    }
    const text = await firstEvents({})
    const id = /id: (\S+)/.exec(text)?.[1] ?? ''
    expect(JSON.parse(/data: (\{"restarted.*)/.exec(text)?.[1] ?? '')).toMatchObject({
      metrics: [[1], [2], [3]].map(([step]) => [step, step! / 3, 'test/error', 1 / step!]),
    })
    expect(await firstEvents({ 'last-event-id': id })).not.toContain('event: metrics')
  })
})

describe('the listening lab', () => {
  it('listens on the loopback address and refuses a raw path that climbs', async () => {
    const { lab } = labWith(1)
    const served = await serveLab(lab, { port: 0 })
    const { hostname, port } = new URL(served.address)
    expect(hostname).toBe('127.0.0.1')
    const status = await new Promise<number | undefined>(resolve => {
      request({ hostname, port, path: '/../../../etc/passwd' }, response => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBeGreaterThanOrEqual(400)
    await served.close()
  })
})
