// How long from a new worker to the first step of a training in a page, against tfjs on WASM in the same Chromium?
// Run: npm run bench page-start
import { launchBrowser } from '../test/browser.ts'
import { machine, median } from './alternate.ts'
import type { FromPeer, ToPeer } from './peers/page-messages.ts'
import { servePeers } from './peers/serve-peers.ts'

const rounds = Number(process.env['ROUNDS'] ?? 9)
const SIZES = [784, 128, 128, 10]
const BATCH = 64
const PEERS = [['ddlf', '30ddlf'], ['tfjs', 'tfjs']] as const

type Ask = (name: string, message: ToPeer) => Promise<FromPeer>

interface Started {
  /** Milliseconds from the new worker until the training is prepared, and until its first step is done. */
  readonly ready: number
  readonly first: number
  /** What of the former the worker knows: its own parts. */
  readonly parts: Readonly<Record<string, number>>
  /** Bytes that were fetched. */
  readonly bytes: number
}

const browser = await launchBrowser()
console.log(`${machine()}; Chromium ${browser.version()}; ${rounds} rounds, one thread`)
const served = await servePeers(false)

/** In a page of its own, whose cache is empty: a first visit without the network's time. */
async function start(name: string): Promise<Started> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(served.address)
  const before = served.bytes()
  const prepare: ToPeer = {
    kind: 'prepare', sizes: SIZES, batch: BATCH, optimizer: 'sgd', learningRate: 0.01, threads: 1, perRun: 1,
    prepared: false, assets: `${served.address}${name}/`,
  }
  const started = await page.evaluate(async ([worker, message]) => {
    const { ask } = globalThis as unknown as { readonly ask: Ask }
    const from = performance.now()
    const answer = await ask(worker, message)
    const ready = performance.now() - from
    await ask(worker, { kind: 'burst', steps: 1 })
    const first = performance.now() - from
    return { ready, first, parts: answer.kind === 'ready' ? (answer.parts ?? {}) : {} }
  }, [name, prepare] as const)
  const bytes = served.bytes() - before
  await context.close()
  return { ...started, bytes }
}

const taken: Record<string, Started[]> = {}
for (let round = 0; round < rounds; round++)
  for (const [name] of PEERS) (taken[name] ??= []).push(await start(name))

const shown = (values: readonly number[]) =>
  `${median([...values]).toFixed(0)} (${Math.min(...values).toFixed(0)})`
console.log('\n| milliseconds, median (minimum) | prepared | first step done | of which | megabytes fetched |')
console.log('| --- | --- | --- | --- | --- |')
for (const [name, label] of PEERS) {
  const all = taken[name] ?? []
  const parts = Object.keys(all[0]?.parts ?? {})
    .map(part => `${part} ${shown(all.map(each => each.parts[part] ?? Number.NaN))}`)
  console.log(`| ${label} | ${shown(all.map(({ ready }) => ready))} | ${shown(all.map(({ first }) => first))} ` +
    `| ${parts.join(', ')} | ${((all[0]?.bytes ?? 0) / 1e6).toFixed(1)} |`)
}
served.close()
await browser.close()
