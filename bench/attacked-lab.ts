// A lab on made runs, for bench/lab-load.ts: long logs, pictures that are bombs, a table that trains.
import { spawn, type ChildProcess } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateSync, crc32 } from 'node:zlib'

const EXPERIMENT = 'mlp-on-mnist'

const recordOf = (id: string) =>
  JSON.stringify({
    format: 1,
    experiment: EXPERIMENT,
    id,
    status: 'completed',
    createdAt: new Date().toISOString(),
    config: { seed: 1 },
    seed: 1,
    command: [],
    git: null,
    lockFile: null,
    data: {},
    machine: null,
    versions: {},
    attempts: [],
  })

/** Writes a run's record, and makes room for the rest. @returns its log */
export function writeRun(runs: string, id: string): string {
  const folder = path.join(runs, EXPERIMENT, id)
  for (const part of ['checkpoints', 'artifacts']) fs.mkdirSync(path.join(folder, part), { recursive: true })
  fs.writeFileSync(path.join(folder, 'run.json'), recordOf(id))
  return path.join(folder, 'metrics.jsonl')
}

export const nameOfMadeRun = (id: string): string => `${EXPERIMENT}/${id}`

const line = (step: number) =>
  JSON.stringify({
    step,
    epoch: step / 1000,
    wallTime: 1e9 + step,
    name: 'train/loss',
    value: Math.exp(-step / 1e6) + Math.sin(step) / 10,
  })

/** Writes a log of so many megabytes. @returns its last step */
export function writeLog(file: string, megabytes: number): number {
  const log = fs.openSync(file, 'w')
  let step = 0
  for (let written = 0; written < megabytes * 1e6;) {
    const text = `${Array.from({ length: 5000 }, () => line(++step)).join('\n')}\n`
    fs.writeSync(log, text)
    written += text.length
  }
  fs.closeSync(log)
  return step
}

/** Pictures of 8 by 8 pixels whose data inflate to 300 MB, in two classes. */
export function writeBombs(folder: string): void {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    check.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, check])
  }
  const header = chunk('IHDR', Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0]))
  const data = chunk('IDAT', deflateSync(Buffer.alloc(300e6)))
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  const png = Buffer.concat([signature, header, data, chunk('IEND', Buffer.alloc(0))])
  for (const name of ['a', 'b']) {
    fs.mkdirSync(path.join(folder, name), { recursive: true })
    for (let i = 0; i < 5; i++) fs.writeFileSync(path.join(folder, name, `${i}.png`), png)
  }
}

/** A table of texts with two labels, some of them wrong. */
export function writeTable(file: string, rows: number): void {
  const texts = Array.from(
    { length: rows },
    (_, i) => `word${i % 7} thing${i % 31} ${i % 2 ? 'good' : 'bad'},${i % 11 === 0 ? (i + 1) % 2 : i % 2}`,
  )
  fs.writeFileSync(file, ['text,label', ...texts, ''].join('\n'))
}

/** A lab that listens. */
export interface AttackedLab {
  readonly child: ChildProcess
  /** With a slash at its end. */
  readonly address: string
  readonly token: string
}

/** Starts a lab as a user does. */
export async function startLab(runs: string): Promise<AttackedLab> {
  const program = fileURLToPath(new URL('../scripts/ddlf.mjs', import.meta.url))
  const child = spawn(process.execPath, [program, 'lab', '--port', '0', '--no-build', '--runs', runs], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  let text = ''
  for await (const part of child.stdout as AsyncIterable<Buffer>) {
    text += part.toString()
    const found = /(http:\/\/127\.0\.0\.1:\d+\/)\?token=(\S+)/.exec(text)
    if (found) return { child, address: found[1] ?? '', token: found[2] ?? '' }
  }
  throw new Error(`The lab did not start: ${text}`)
}

/** Asks a lab as one of its pages does. */
export class LabClient {
  readonly #lab: AttackedLab

  constructor(lab: AttackedLab) {
    this.#lab = lab
  }

  get(part: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.#lab.address + part, { headers: { authorization: `Bearer ${this.#lab.token}` }, ...init })
  }

  post(part: string, body: object): Promise<Response> {
    const { address, token } = this.#lab
    const headers = {
      authorization: `Bearer ${token}`,
      origin: address.slice(0, -1),
      'x-lab-page': '1',
      'content-type': 'application/json',
    }
    return fetch(address + part, { method: 'POST', body: JSON.stringify(body), headers })
  }

  /** Somebody who does not hold the key. */
  stranger(i: number): Promise<Response> {
    const knock = i % 3 ? {} : { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    return fetch(`${this.#lab.address}${i % 2 ? 'api/runs' : 'lab/'}`, knock)
  }

  /** Megabytes that the lab took at its peak. */
  peak(): number {
    const status = fs.readFileSync(`/proc/${this.#lab.child.pid ?? 0}/status`, 'utf8')
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024)
  }
}
