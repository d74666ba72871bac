// Does the lab answer while it is under attack? `npx tsx bench/lab-load.ts [megabytes of the long log]`: starts a lab on made runs and
// asks for the list of runs again and again, while strangers knock, 200 pages watch, long runs are compared, trainings die.
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { deflateSync, crc32 } from 'node:zlib'

const MEGABYTES = Number(process.argv[2] ?? 200)
const STREAMS = 200
const LIMIT = 500
const work = fs.mkdtempSync(path.join(os.tmpdir(), 'ddlf-lab-load-'))
const runs = path.join(work, 'runs')

/** A run's record and its log of so many megabytes. */
function writeRun(id: string, megabytes: number): string {
  const folder = path.join(runs, 'mlp-on-mnist', id)
  for (const part of ['checkpoints', 'artifacts']) fs.mkdirSync(path.join(folder, part), { recursive: true })
  const record = {
    format: 1, experiment: 'mlp-on-mnist', id, status: 'completed', createdAt: new Date().toISOString(), config: { seed: 1 }, seed: 1, command: [],
    git: null, lockFile: null, data: {}, machine: null, versions: {}, attempts: [],
  }
  fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify(record))
  const log = fs.openSync(path.join(folder, 'metrics.jsonl'), 'w')
  for (let written = 0, step = 0; written < megabytes * 1e6;) {
    const lines = Array.from({ length: 5000 }, () => JSON.stringify({ step: ++step, epoch: step / 1000, wallTime: 1e9 + step, name: 'train/loss', value: Math.exp(-step / 1e6) + Math.sin(step) / 10 }))
    const text = `${lines.join('\n')}\n`
    fs.writeSync(log, text)
    written += text.length
  }
  fs.closeSync(log)
  return `mlp-on-mnist/${id}`
}

/** An 8 by 8 picture whose data inflate to 300 MB. */
function writeBombs(folder: string): void {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  }
  const header = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0])
  const data = deflateSync(Buffer.alloc(300e6))
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
  for (const name of ['a', 'b']) {
    fs.mkdirSync(path.join(folder, name), { recursive: true })
    for (let i = 0; i < 5; i++) fs.writeFileSync(path.join(folder, name, `${i}.png`), png)
  }
}

async function startLab(): Promise<{ readonly child: ChildProcess; readonly address: string; readonly token: string }> {
  const program = fileURLToPath(new URL('../scripts/ddlf.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, 'lab', '--port', '0', '--no-build', '--runs', runs], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NO_COLOR: '1' } })
  let text = ''
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    text += part.toString()
    const found = /(http:\/\/127\.0\.0\.1:\d+\/)\?token=(\S+)/.exec(text)
    if (found) return { child, address: found[1] ?? '', token: found[2] ?? '' }
  }
  throw new Error(`The lab did not start: ${text}`)
}

const { child, address, token } = await (async () => {
  writeRun('20260101-000000-long', MEGABYTES)
  for (let i = 0; i < 11; i++) writeRun(`20260101-0000${10 + i}-more`, 1)
  writeBombs(path.join(work, 'pictures'))
  fs.writeFileSync(path.join(work, 'texts.csv'), ['text,label', ...Array.from({ length: 400 }, (_, i) => `word${i % 7} ${i % 2 ? 'good' : 'bad'},${i % 2}`), ''].join('\n'))
  return startLab()
})()
const holder = { authorization: `Bearer ${token}` }
const get = (part: string, init: RequestInit = {}) => fetch(address + part, { headers: holder, ...init })
const post = (part: string, body: object) => fetch(address + part, {
  method: 'POST', body: JSON.stringify(body), headers: { ...holder, origin: address.slice(0, -1), 'x-lab-page': '1', 'content-type': 'application/json' },
})
const peak = () => /VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8'))?.[1]

const rows: string[] = []
let slowest = 0
/** Runs an attack, asks for the list of runs every 20 ms meanwhile, and reports the longest wait. */
async function under(name: string, attack: () => Promise<string>): Promise<void> {
  let over = false
  const began = performance.now()
  const said = attack().finally(() => (over = true))
  const waits: number[] = []
  do {
    const asked = performance.now()
    const { status } = await get('api/runs')
    waits.push(performance.now() - asked)
    if (status !== 200) throw new Error(`${name}: the list of runs answered ${status}`)
    await sleep(20)
  } while (!over)
  const [longest, seconds] = [Math.max(...waits), (performance.now() - began) / 1000]
  slowest = Math.max(slowest, longest)
  rows.push(`${name.padEnd(34)} ${longest.toFixed(0).padStart(6)} ms ${String(waits.length).padStart(6)} ${seconds.toFixed(1).padStart(7)} s ${String(Math.round(Number(peak()) / 1024)).padStart(6)} MB  ${await said}`)
}

const statuses = (answers: readonly Response[]) =>
  [...new Set(answers.map(({ status }) => status))].sort().map(wanted => `${answers.filter(({ status }) => status === wanted).length} x ${wanted}`).join(', ')
const long = 'mlp-on-mnist/20260101-000000-long'
const compare = async (names: readonly string[]) => {
  const response = await get(`api/compare?metric=train/loss&${names.map(name => `run=${name}`).join('&')}`)
  return `${response.status}, ${((await response.arrayBuffer()).byteLength / 1e6).toFixed(2)} MB`
}
const ended = async (run: string) => {
  for (;;) {
    const { status, record } = (await (await get(`api/runs/${run}`)).json()) as { status: string; record: { attempts: { pid: number; reason: string | null }[] } }
    // Between its death and the lab's word on it, a run counts as interrupted.
    if (status !== 'running' && status !== 'interrupted') return `${status}: ${record.attempts.at(-1)?.reason ?? 'no reason'}`
    await sleep(100)
  }
}

try {
  await under('nothing', async () => { await sleep(2000); return '' })
  await under('300 strangers without the key', async () => {
    const all = await Promise.all(Array.from({ length: 300 }, (_, i) => fetch(`${address}${i % 2 ? 'api/runs' : 'lab/'}`, i % 3 ? {} : { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })))
    return statuses(all)
  })
  const leaving = new AbortController()
  await under(`${STREAMS} event streams of the long run`, async () => {
    const all = await Promise.all(Array.from({ length: STREAMS }, () => get(`api/runs/${long}/events`, { signal: leaving.signal })))
    await sleep(3000)
    return statuses(all)
  })
  await under(`12 times the log of ${MEGABYTES} MB`, () => compare(Array.from({ length: 12 }, () => long)))
  fs.rmSync(path.join(runs, long, 'metrics.index.json'), { force: true })
  fs.appendFileSync(path.join(runs, long, 'metrics.jsonl'), '')
  fs.utimesSync(path.join(runs, long, 'metrics.jsonl'), 1, 1)
  await under('12 comparisons of it, read anew', async () => (await Promise.all(Array.from({ length: 12 }, () => compare([long]))))[0] ?? '')
  leaving.abort()
  const table = path.join(work, 'texts.csv')
  const begin = async (experiment: string, settings: object) => (await (await post('api/runs', { experiment, settings })).json()) as { run?: string; error?: string; received?: string }
  await under('a training that wants 80 GB', async () => {
    const { run, error, received } = await begin('text-table', { data: table, buckets: 5_000_000, dimensions: 4096 })
    return run === undefined ? `${error ?? ''} ${received ?? ''}` : ended(run)
  })
  await under('a training killed from outside', async () => {
    const { run = '' } = await begin('text-table', { data: table, epochs: 10_000 })
    const { record } = (await (await get(`api/runs/${run}`)).json()) as { record: { attempts: { pid: number }[] } }
    process.kill(record.attempts[0]?.pid ?? 0, 'SIGKILL')
    return ended(run)
  })
  await under('ten bombs as pictures', async () => {
    const { run, error, received } = await begin('image-folder', { data: path.join(work, 'pictures'), epochs: 1 })
    return run === undefined ? `${error ?? ''} ${(received ?? '').slice(0, 80)}` : ended(run)
  })
  const { total } = (await (await get('api/runs')).json()) as { total: number }
  console.log(`${os.cpus()[0]?.model ?? ''}, ${os.availableParallelism()} cores, load ${os.loadavg().map(load => load.toFixed(1)).join(' ')}; runs listed at the end: ${total}\n`)
  console.log(`${'under'.padEnd(34)} longest   asked    in all   peak of the lab\n${rows.join('\n')}`)
  console.log(`\nlongest wait ${slowest.toFixed(0)} ms, limit ${LIMIT} ms: ${slowest <= LIMIT ? 'held' : 'NOT held'}`)
} finally {
  child.kill('SIGINT')
  await new Promise(resolve => child.once('exit', resolve))
  fs.rmSync(work, { recursive: true, force: true })
}
