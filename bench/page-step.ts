// How long does one training step take in a page, against tfjs on WASM and jax-js in the same Chromium?
// Run: npm run bench page-step
import { setTimeout as sleep } from 'node:timers/promises'
import { launchBrowser } from '../test/browser.ts'
import { machine, median } from './alternate.ts'
import type { FromPeer, ToPeer } from './peers/page-messages.ts'
import { servePeers } from './peers/serve-peers.ts'

const rounds = Number(process.env['ROUNDS'] ?? 15)

const CASES = [
  { sizes: [784, 128, 128, 10], batch: 64 },
  { sizes: [784, 128, 32, 10], batch: 64 },
  { sizes: [784, 512, 512, 10], batch: 128 },
] as const
/** Steps that the losses are compared over. */
const COMPARED = 20
/** Seconds of warming up, in which the browser compiles its WebAssembly a second time, and of one burst. */
const SECONDS = { warm: 4, burst: 0.25 } as const

const PEERS = [
  { name: 'ddlf', label: '30ddlf', prepared: false },
  { name: 'tfjs', label: 'tfjs, from the same bytes', prepared: false },
  { name: 'tfjs', label: 'tfjs, with floats made before', prepared: true },
  { name: 'jax', label: 'jax-js, from the same bytes', prepared: false },
  { name: 'jax', label: 'jax-js, with floats made before', prepared: true },
] as const

type Burst = Extract<FromPeer, { kind: 'burst' }>

const browser = await launchBrowser()
console.log(`${machine()}; Chromium ${browser.version()}; ${rounds} rounds`)
for (const threads of [1, 2]) {
  const served = await servePeers(threads > 1)
  const several = `${threads} threads, in a page that is cross-origin isolated`
  console.log(`\n${threads === 1 ? 'One thread, in a page as any host serves it' : several}`)
  for (const { sizes, batch } of CASES) {
    const page = await browser.newPage()
    await page.goto(served.address)
    const ask = async (worker: string, message: ToPeer) => {
      const answer = await page.evaluate(
        ([to, what]) =>
          (globalThis as unknown as { ask: (name: string, message: ToPeer) => Promise<FromPeer> }).ask(to, what),
        [worker, message] as const,
      )
      if (answer.kind === 'failed') throw new Error(`${worker}: ${answer.message}`)
      return answer
    }
    // As many steps in one run as the training loop takes: chunks of at most 4 MiB and 100 steps.
    const perRun = Math.min(100, Math.floor(4 * 2 ** 20 / (batch * (sizes[0] + 4))))
    const peers = []
    for (const [i, { name, label, prepared }] of PEERS.entries()) {
      const worker = `${name}#${i}`
      const answer = await ask(worker, {
        kind: 'prepare',
        sizes,
        batch,
        optimizer: 'sgd',
        learningRate: 0.01,
        threads,
        perRun,
        prepared,
        assets: `${served.address}${name}/`,
      })
      const burst = async (steps: number) => {
        // Threads that spin after their work must not slow the next peer.
        await sleep(100)
        const { seconds, losses } = await ask(worker, { kind: 'burst', steps }) as Burst
        return { milliseconds: (1000 * seconds) / steps, losses }
      }
      const { losses } = await burst(COMPARED)
      let milliseconds = Infinity
      for (const started = performance.now(); performance.now() - started < 1000 * SECONDS.warm;)
        milliseconds = Math.min(milliseconds, (await burst(name === 'ddlf' ? perRun : 10)).milliseconds)
      const steps = Math.ceil((1000 * SECONDS.burst) / milliseconds)
      peers.push({
        label,
        description: answer.kind === 'ready' ? answer.description : '',
        burst,
        losses,
        steps: name === 'ddlf' ? Math.ceil(steps / perRun) * perRun : steps,
        milliseconds: [] as number[],
      })
    }
    const [ours] = peers as [(typeof peers)[number]]
    const difference = Math.max(
      ...peers.flatMap(({ losses }) => losses.map((loss, i) => Math.abs(loss / (ours.losses[i] ?? NaN) - 1))),
    )
    if (!(difference < 1e-3))
      throw new Error(
        `The losses differ by ${difference}: ${peers.map(({ losses }) => losses.join(' ')).join(' and ')}`,
      )
    for (let round = 0; round < rounds; round++)
      for (const peer of peers) peer.milliseconds.push((await peer.burst(peer.steps)).milliseconds)
    console.log(`\n${sizes.join('-')}, batch ${batch}, SGD with momentum; the losses of the first ${COMPARED} steps ` +
      `agree within ${difference.toExponential(0)} relative`)
    console.log('| | ms a step, median | min | max | this / 30ddlf | of the minima |')
    console.log('| --- | --- | --- | --- | --- | --- |')
    for (const { label, description, milliseconds } of peers) {
      const ratio = median(milliseconds.map((value, i) => value / (ours.milliseconds[i] as number)))
      const least = Math.min(...milliseconds)
      console.log(`| ${label} (${description}) | ${median(milliseconds).toFixed(3)} | ${least.toFixed(3)} ` +
        `| ${Math.max(...milliseconds).toFixed(3)} | ${ratio.toFixed(1)} ` +
        `| ${(least / Math.min(...ours.milliseconds)).toFixed(1)} |`)
    }
    await page.close()
  }
  served.close()
}
await browser.close()
