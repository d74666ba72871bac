// The lab under pressure, in counts and bytes: many streams, comparisons of a long log, pipes in place of files, slow
// readers.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { createRun, runPaths, type RunFolder } from '@ddlf/lab/node'
import { createLab, serveLab, type Lab } from '@ddlf/lab/server'
import { describe, expect, it } from 'vitest'
import { encodeMetrics } from '../../src/runs/metrics-log.ts'
import { Busy, Gate, Places } from '../../src/server/limits.ts'
import { Outbox } from '../../src/server/run-followers.ts'
import { experiments } from '../jobs/made-experiments.ts'
import { noProvenance, temporaryFolder } from '../runs/temporary-folder.ts'

const nameOf = ({ experiment, id }: RunFolder) => `${experiment}/${id}`

function labWith(rows: number): { lab: Lab; run: RunFolder; root: string } {
  const root = temporaryFolder()
  const run = createRun({ root, experiment: 'made', config: {}, seed: 1, command: [], provenance: noProvenance })
  fs.writeFileSync(
    runPaths(run).metrics,
    encodeMetrics(
      Array.from({ length: rows }, (_, step) => ({
        step,
        epoch: step / 100,
        wallTime: step,
        name: 'train/loss',
        value: Math.cos(step),
      })),
    ),
  )
  return { lab: createLab({ root, experiments: [], experimentsModule: '', pollMilliseconds: 5 }), run, root }
}
const ask = async (lab: Lab, address: string, signal?: AbortSignal): Promise<Response> =>
  lab.app.request(`http://127.0.0.1:4173${address}`, {
    headers: { host: '127.0.0.1:4173', authorization: `Bearer ${lab.token}` },
    ...(signal && { signal }),
  })

describe('event streams', () => {
  it('beyond 64 are refused with words, the others go on, and those that leave make room', async () => {
    const { lab, run } = labWith(10)
    const served = await serveLab(lab, { port: 0 })
    const headers = { authorization: `Bearer ${lab.token}` }
    const address = `${served.address}api/runs/${nameOf(run)}/events`
    const leaving = new AbortController()
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => fetch(address, { headers, signal: leaving.signal })),
    )
    const open = answers.filter(({ status }) => status === 200)
    expect([open.length, answers.filter(({ status }) => status === 429).length]).toEqual([64, 136])
    const refused = answers.find(({ status }) => status === 429)
    expect(refused?.headers.get('retry-after')).toBe('5')
    expect(await refused?.json()).toMatchObject({ error: expect.stringContaining('64 event streams') as string })
    // Every open stream hears of a new measurement, each measurement once.
    const heard = open.map(async ({ body }) => {
      const reader = body!.getReader()
      let text = ''
      while (!text.includes('[10,0.1,')) text += new TextDecoder().decode((await reader.read()).value)
      return text.split('[10,0.1,').length - 1
    })
    fs.appendFileSync(
      runPaths(run).metrics,
      encodeMetrics([{ step: 10, epoch: 0.1, wallTime: 10, name: 'train/loss', value: 1 }]),
    )
    expect(new Set(await Promise.all(heard))).toEqual(new Set([1]))
    expect((await fetch(`${served.address}api/runs`, { headers })).status).toBe(200)
    leaving.abort()
    await expect.poll(async () => {
      const again = await fetch(address, { headers })
      void again.body?.cancel()
      return again.status
    }, { timeout: 20_000 }).toBe(200)
    await served.close()
  })

  it('start from the whole curve, thinned, and go on from a cursor of the same log only', async () => {
    const { lab, run } = labWith(50_000)
    const first = async (cursor = '', until = 'event: metrics') => {
      const reader = (await ask(lab, `/api/runs/${nameOf(run)}/events?cursor=${cursor}`)).body!.getReader()
      let text = ''
      while (!text.includes(until) || !text.endsWith('\n\n')) {
        text += new TextDecoder().decode((await reader.read()).value)
      }
      await reader.cancel()
      return text
    }
    const text = await first()
    const { restarted, metrics } = JSON.parse(/data: (\{"restarted.*)/.exec(text)?.[1] ?? '') as {
      restarted: boolean
      metrics: unknown[]
    }
    expect(restarted).toBe(true)
    expect(metrics.length).toBeGreaterThan(1000)
    expect(metrics.length).toBeLessThanOrEqual(2050)
    const id = /id: (\S+)/.exec(text)?.[1] ?? ''
    expect(await first(id, 'event: status')).not.toContain('event: metrics')
    expect(await first(`${id.split('.')[0]}.0123456789abcdef`)).toContain('"restarted":true')
    expect(await first('-1')).toContain('"restarted":true')
  })

  it('drop what a slow reader did not take, and send it the whole later', async () => {
    const outbox = new Outbox('1.0000000000000000')
    expect(await outbox.next(1)).toBeUndefined()
    outbox.put({ event: 'metrics', data: '1' })
    outbox.put({ event: 'status', data: '2' })
    outbox.dropMetrics()
    expect(outbox.cursor).toBeUndefined()
    expect(await outbox.next(1)).toMatchObject({ event: 'status' })
  })
})

describe('comparisons of a long log', () => {
  it('given twelve times count once, and others are answered before', async () => {
    const { lab, run } = labWith(100_000)
    const query = Array.from({ length: 12 }, () => `run=${nameOf(run)}`).join('&')
    const order: string[] = []
    const address = `/api/compare?metric=train/loss&${query}`
    const comparisons = Array.from({ length: 12 }, () => ask(lab, address).finally(() => order.push('comparison')))
    const others = Array.from({ length: 12 }, () => ask(lab, '/api/runs').finally(() => order.push('other')))
    expect((await Promise.all(others)).map(({ status }) => status)).toEqual(others.map(() => 200))
    const texts = await Promise.all((await Promise.all(comparisons)).map(answer => answer.text()))
    expect(order).toEqual([...others.map(() => 'other'), ...comparisons.map(() => 'comparison')])
    expect(new Set(texts).size).toBe(1)
    const { runs, series } = JSON.parse(texts[0] ?? '') as { runs: unknown[]; series: { value: number[] }[] }
    expect([runs.length, series.length]).toEqual([1, 1])
    expect(series[0]?.value.length).toBeGreaterThan(1000)
    expect(series[0]?.value.length).toBeLessThanOrEqual(2050)
    await lab.close()
  })

  it('say how far they are where they take longer than was asked to wait, and are had by asking again', async () => {
    const { lab, run } = labWith(100_000)
    const address = `/api/compare?metric=train/loss&run=${nameOf(run)}`
    const early = await ask(lab, `${address}&wait=0`)
    const some = expect.any(Number) as number
    expect([early.status, await early.json()]).toEqual([202, { reading: { bytes: some, size: some } }])
    expect((await ask(lab, address)).status).toBe(200)
    expect((await ask(lab, `${address}&wait=-1`)).status).toBe(400)
    await lab.close()
  })

  it('of more than twelve runs, or none, are refused in words', async () => {
    const { lab } = labWith(1)
    const query = Array.from({ length: 13 }, (_, i) => `run=made/${i}`).join('&')
    expect(await (await ask(lab, `/api/compare?${query}`)).json()).toMatchObject({ received: '13' })
    expect((await ask(lab, '/api/compare')).status).toBe(400)
  })
})

describe.skipIf(process.platform === 'win32')('what is no plain file', () => {
  it.each(['metrics.jsonl', 'run.json', 'summary.json'])('a pipe as %s freezes nothing', async file => {
    const { lab, run } = labWith(1)
    fs.rmSync(path.join(run.folder, file), { force: true })
    execFileSync('mkfifo', [path.join(run.folder, file)])
    const answers = await Promise.all(
      [
        `/api/compare?run=${nameOf(run)}`,
        `/api/runs/${nameOf(run)}`,
        '/api/runs',
        `/api/runs/${nameOf(run)}/mistakes`,
      ].map(address => ask(lab, address)),
    )
    for (const answer of answers) expect([200, 400, 404]).toContain(answer.status)
    expect(answers[0]?.status).toBe(400)
  })
  it.each(['learning-rate.json', 'journal.jsonl'])('a pipe as %s of a study freezes nothing', async file => {
    const root = temporaryFolder()
    const studies = path.join(root, 'studies')
    fs.mkdirSync(path.join(studies, 'text-table'), { recursive: true })
    execFileSync('mkfifo', [path.join(studies, 'text-table', file)])
    const lab = createLab({ root, studies, experiments, experimentsModule: '' })
    const space = await ask(lab, '/api/experiments/text-table/space')
    expect([space.status, (await (space.json() as Promise<{ space: unknown[] }>)).space.length > 0]).toEqual([
      200,
      true,
    ])
    // A journal that cannot be read is named in the list, with the reason.
    const listed =
      file === 'journal.jsonl'
        ? [expect.objectContaining({ unreadable: expect.stringMatching(/plain file/) as string })]
        : []
    expect(await (await ask(lab, '/api/studies')).json()).toEqual(listed)
    expect((await ask(lab, '/api/studies/text-table')).status).toBe(400)
    await lab.close()
  })
  it('a link as metrics.jsonl shows nothing of what it leads to', async () => {
    const { lab, run, root } = labWith(1)
    const secret = path.join(root, 'secret.jsonl')
    fs.renameSync(runPaths(run).metrics, secret)
    fs.symlinkSync(secret, runPaths(run).metrics)
    expect((await ask(lab, `/api/compare?run=${nameOf(run)}`)).status).toBe(400)
  })
})

describe('places and gates', () => {
  it('are given back once', () => {
    const places = new Places(1, 'things')
    const leave = places.take()
    expect(() => places.take()).toThrow(Busy)
    leave()
    leave()
    expect(places.taken).toBe(0)
  })
  it('let through in order, a few at once, and refuse those behind the line', async () => {
    const gate = new Gate(2, 2, 'questions')
    const order: number[] = []
    let inside = 0
    let most = 0
    const work = (n: number) => gate.through(async () => {
      most = Math.max(most, ++inside)
      await new Promise(resolve => setTimeout(resolve, 5))
      inside--
      order.push(n)
    })
    const all = [1, 2, 3, 4].map(work)
    await expect(work(5)).rejects.toThrow(Busy)
    await Promise.all(all)
    expect([most, order]).toEqual([2, [1, 2, 3, 4]])
    await work(6)
  })
})
