// Own data in the lab: started from a page, seen, their mistakes and graphs browsed; what dies of them takes nothing
// with it.
import fs from 'node:fs'
import path from 'node:path'
import { deflateSync, crc32 } from 'node:zlib'
import { currentStatus, openRun, processExecutor, readRunRecord } from '@ddlf/lab/node'
import {
  createLab,
  serveLab,
  type ClassMistakes,
  type Lab,
  type NumberMistakes,
  type RunDetail,
} from '@ddlf/lab/server'
import { describe, expect, it, vi } from 'vitest'
import { cookieName } from '../../src/server/access.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { writeTable } from '../jobs/made-table.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

const PATIENCE = 300_000
const origin = 'http://127.0.0.1:4173'
const experimentsModule = new URL('../jobs/made-experiments.ts', import.meta.url).href

function openLab(): { lab: Lab; root: string } {
  const root = temporaryFolder()
  return {
    root,
    lab: createLab({
      root: path.join(root, 'runs'),
      experiments,
      experimentsModule,
      pollMilliseconds: 20,
      executor: processExecutor({ heap: 200 }),
    }),
  }
}
async function ask(lab: Lab, address: string, body?: object): Promise<{ status: number; answer: unknown }> {
  const headers = { host: '127.0.0.1:4173', authorization: `Bearer ${lab.token}` }
  const response = await lab.app.request(
    origin + address,
    body
      ? {
          method: 'POST',
          body: JSON.stringify(body),
          headers: { ...headers, origin, 'x-lab-page': '1', 'content-type': 'application/json' },
        }
      : { headers },
  )
  return { status: response.status, answer: (await response.json()) as unknown }
}
const start = (lab: Lab, experiment: string, settings: object) =>
  ask(lab, '/api/runs', { experiment, settings }) as Promise<{
    status: number
    answer: { run: string; error?: string }
  }>
const ended = (lab: Lab, run: string) =>
  expect.poll(async () => ((await ask(lab, `/api/runs/${run}`)).answer as { status: string }).status, {
    timeout: PATIENCE,
  })

type Found = ClassMistakes

/** A picture of 8 by 8 pixels whose data inflate to so many bytes. */
function bomb(bytes: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const ends = Buffer.alloc(8)
    ends.writeUInt32BE(data.length, 0)
    ends.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(8, 0)
  header.writeUInt32BE(8, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(bytes))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('own data in the lab', () => {
  it('a table: offered, started, finished, its mistakes shown as texts', async () => {
    const { lab, root } = openLab()
    const forms = (await ask(lab, '/api/experiments')).answer as {
      name: string
      own: string | null
      settings: object[]
    }[]
    expect(forms.filter(({ own }) => own !== null).map(({ name }) => name)).toContain('text-table')
    expect(forms[0]?.settings[0]).toMatchObject({ name: 'data', group: 'main' })
    const table = writeTable(root, 200)
    // Some labels are wrong, so that there are mistakes.
    const lines = fs
      .readFileSync(table, 'utf8')
      .split('\n')
      .map((line, i) => (i % 9 === 1 ? line.replace(/,good$/, ',bad') : line))
    fs.writeFileSync(table, lines.join('\n'))
    const { status, answer: { run } } = await start(lab, 'text-table', { data: table, epochs: 5, buckets: 1000 })
    expect(status).toBe(201)
    await ended(lab, run).toBe('completed')
    const found = (await ask(lab, `/api/runs/${run}/mistakes`)).answer as Found
    expect(found.classes).toEqual(['bad', 'good'])
    expect(found.confusion.flat().reduce((a, b) => a + b)).toBe(40)
    expect(found.mistakes.length).toBeGreaterThan(0)
    const texts = new Set(lines.map(line => line.split(',')[0]))
    for (const { text, truth, prediction } of found.mistakes) {
      expect(texts.has(text)).toBe(true)
      expect(truth).not.toBe(prediction)
    }
    // What came to the data since is no part of the run's test set, and is said.
    fs.appendFileSync(table, 'something new,good\n')
    const later = (await ask(lab, `/api/runs/${run}/mistakes`)).answer as Found
    expect([found.changes, later.changes]).toEqual([null, expect.stringContaining('1 new')])
    expect({ ...later, changes: null }).toEqual(found)
    // What was changed without another length or time is seen too.
    const { atime, mtime } = fs.statSync(table)
    const text = fs.readFileSync(table, 'utf8')
    fs.writeFileSync(table, text.replace('lovely', 'lonely'))
    fs.utimesSync(table, atime, mtime)
    expect((await ask(lab, `/api/runs/${run}/mistakes`)).answer).toMatchObject({ received: '40 outputs, 39 examples' })
    await lab.close()
  }, PATIENCE)

  it(
    'a table whose target is a number: predicted beside true, residuals, and the rows that are farthest off',
    async () => {
      const { lab, root } = openLab()
      const table = path.join(root, 'prices.csv')
      const price = (i: number) => ((i % 17) * 1.5 + (i % 3) * 10 + Math.sin(i)).toFixed(2)
      const rows = Array.from({ length: 200 }, (_, i) => `${i % 17},${'abc'[i % 3] ?? ''},${price(i)}`)
      fs.writeFileSync(table, ['rooms,district,price', ...rows, ''].join('\n'))
      const {
        answer: { run },
      } = await start(lab, 'tabular', { data: table, target: 'price', epochs: 20, header: true })
      await ended(lab, run).toBe('completed')
      const found = (await ask(lab, `/api/runs/${run}/mistakes`)).answer as NumberMistakes
      expect(found).toMatchObject({ kind: 'numbers', target: 'price', examples: 40, changes: null })
      const { metrics, settings } = (await ask(lab, `/api/runs/${run}`)).answer as RunDetail
      expect(found.metrics.mae).toBeCloseTo(metrics['test/mae'] ?? NaN, 6)
      expect(found.metrics.r2).toBeCloseTo(metrics['test/r2'] ?? NaN, 6)
      expect(found.points).toHaveLength(40)
      expect(found.residuals.counts.reduce((a, b) => a + b)).toBe(40)
      const [worst] = found.worst
      const farthest = Math.max(...found.points.map(([truth, prediction]) => Math.abs(prediction - truth)))
      expect(Math.abs((worst?.prediction ?? 0) - (worst?.truth ?? 0))).toBe(farthest)
      // The row is the one of that price.
      const ofPrice = rows.map(row => row.split(',')).filter(([, , text]) => Math.fround(Number(text)) === worst?.truth)
      expect(ofPrice.map(fields => fields.slice(0, 2))).toContainEqual(Object.values(worst?.fields ?? {}))
      const grouped = (group: string) => settings.filter(setting => setting.group === group).map(({ name }) => name)
      expect(grouped('found')).toEqual(expect.arrayContaining(['encoding', 'targetMean', 'targetScale']))
      expect(grouped('given').sort()).toEqual(['data', 'epochs', 'header', 'kind', 'target'])
      await lab.close()
    },
    PATIENCE,
  )

  it.each(['text-table', 'image-folder'])('the graph of %s, which knows no classes before its data', async name => {
    const { lab } = openLab()
    const asked = await ask(lab, `/api/experiments/${name}/graph`, { settings: {} })
    expect(asked.status).toBe(200)
    const answer = asked.answer as { step: string; forward: string; ops: number; flop: number }
    expect(answer.step).toContain('return')
    expect(answer.ops).toBeGreaterThan(10)
    expect(answer.flop).toBeGreaterThan(1000)
    expect((await ask(lab, `/api/experiments/${name}/graph`, { settings: { epochs: -1 } })).status).toBe(400)
  }, PATIENCE)

  it('a training that dies of memory is told in its run, and the lab goes on', async () => {
    const { lab, root } = openLab()
    const { answer: { run } } = await start(lab, 'eats-memory', { data: writeTable(root), buckets: 100 })
    await ended(lab, run).toBe('failed')
    const answer = (await ask(lab, `/api/runs/${run}`)).answer as { record: { attempts: { reason: string }[] } }
    expect(answer.record.attempts[0]?.reason).toContain('out of memory')
    expect((await ask(lab, '/api/runs')).status).toBe(200)
    await lab.close()
  }, PATIENCE)

  it('pictures that inflate to 50 MB are read as the eight by eight pixels that their headers promise', async () => {
    const { lab, root } = openLab()
    for (const [name, count] of [['a', 4], ['b', 4]] as const) {
      fs.mkdirSync(path.join(root, 'pictures', name), { recursive: true })
      for (let i = 0; i < count; i++) fs.writeFileSync(path.join(root, 'pictures', name, `${i}.png`), bomb(50_000_000))
    }
    const started = start(lab, 'image-folder', { data: path.join(root, 'pictures'), size: 8, epochs: 1 })
    expect((await ask(lab, '/api/runs')).status).toBe(200)
    const { status, answer } = await started
    expect(status).toBe(201)
    await ended(lab, answer.run).toBe('completed')
    await lab.close()
  }, PATIENCE)

  it('the token is in no run, no event, no answer and no word of the lab or its trainings', async () => {
    const words: string[] = []
    const listen = [process.stdout, process.stderr].map(stream =>
      vi.spyOn(stream, 'write').mockImplementation(text => {
        words.push(String(text))
        return true
      }),
    )
    const { lab, root } = openLab()
    const served = await serveLab(lab, { port: 0 })
    try {
      const cookie = { cookie: `${cookieName(new URL(served.address).host)}=${lab.token}` }
      const post = (address: string, body: object) =>
        fetch(`${served.address}api${address}`, {
          method: 'POST',
          body: JSON.stringify(body),
          headers: {
            ...cookie,
            origin: served.address.slice(0, -1),
            'x-lab-page': '1',
            'content-type': 'application/json',
          },
        })
      // Through the address with the token, as a browser comes in.
      expect((await fetch(served.entrance('lab/'), { redirect: 'manual' })).status).toBe(303)
      const { run } = (await (
        await post('/runs', { experiment: 'text-table', settings: { data: writeTable(root), epochs: 2, buckets: 100 } })
      ).json()) as { run: string }
      await ended(lab, run).toBe('completed')
      const { run: dead } = (await (
        await post('/runs', { experiment: 'leaves', settings: { data: writeTable(root), buckets: 100 } })
      ).json()) as { run: string }
      await ended(lab, dead).toBe('failed')
      const answers = await Promise.all(
        [
          '/runs',
          `/runs/${run}`,
          `/runs/${run}/mistakes`,
          `/compare?run=${run}`,
          '/lab',
          '/experiments',
          '/nothing',
          `/runs/${run}?token=${lab.token}`,
        ].map(async address => (await fetch(`${served.address}api${address}`, { headers: cookie })).text()),
      )
      const events = await fetch(`${served.address}api/runs/${run}/events`, { headers: cookie })
      const reader = events.body!.getReader()
      answers.push(new TextDecoder().decode((await reader.read()).value))
      await reader.cancel()
      const files = fs
        .readdirSync(path.join(root, 'runs'), { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
      expect(files.map(({ name }) => name)).toEqual(
        expect.arrayContaining([
          'run.json',
          'metrics.jsonl',
          'summary.json',
          expect.stringMatching(/^events\.out\.tfevents/),
        ]),
      )
      const kept = files.map(({ parentPath, name }) => fs.readFileSync(path.join(parentPath, name), 'latin1'))
      expect(lab.token.length).toBeGreaterThan(20)
      for (const text of [...kept, ...answers, ...words]) expect(text.includes(lab.token)).toBe(false)
      // Nor does a process of the lab's carry it where others can read it.
      expect(JSON.stringify([process.argv, process.env]).includes(lab.token)).toBe(false)
    } finally {
      listen.forEach(spy => { spy.mockRestore() })
      await served.close()
    }
  }, PATIENCE)

  it('closing the lab stops a training at a checkpoint', async () => {
    const { lab, root } = openLab()
    const { answer: { run } } = await start(lab, 'text-table', { data: writeTable(root), buckets: 100, epochs: 10_000 })
    expect(lab.running()).toBe(1)
    await lab.close()
    const stored = openRun(path.join(root, 'runs'), run)
    expect(currentStatus(stored, readRunRecord(stored))).toBe('stopped')
    expect((await start(lab, 'text-table', { data: writeTable(root) })).status).toBe(400)
  }, PATIENCE)
})
