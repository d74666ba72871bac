// How long does one training step of a dense network take, against PyTorch on the CPU and tfjs on WASM?
// Run: npm run bench mlp-step
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { alternate, machine, ratio, table, type Peer, type Timing } from './alternate.ts'
import { findPythons, printProductSpeeds, torchAtItsBest } from './peers/pytorch.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 15)

const pythons = findPythons()
const hasTfjs = existsSync(here('./node_modules/@tensorflow/tfjs'))
if (!hasTfjs) console.log('tfjs is absent; it comes with: npm run bench install-peers')

const cases = [
  { sizes: [784, 512, 512, 10], batch: 128, optimizer: 'sgd', steps: 40 },
  { sizes: [784, 512, 512, 10], batch: 128, optimizer: 'adam', steps: 40 },
  { sizes: [784, 128, 32, 10], batch: 64, optimizer: 'sgd', steps: 200 },
] as const

console.log(`${machine()}; ${rounds} rounds`)
printProductSpeeds(pythons)
for (const { sizes, batch, optimizer, steps } of cases) {
  console.log(`\n${sizes.join('-')}, batch ${batch}, ${optimizer}`)
  const args = [JSON.stringify(sizes), String(batch), optimizer]
  const ours = (perRun: number): Peer => ({
    name: `30ddlf, ${perRun} steps a run`,
    command: [process.execPath, '--import', 'tsx', here('./peers/ddlf-mlp.ts'), ...args, String(perRun)],
    steps,
  })
  const tfjs: Peer = {
    name: 'tfjs WASM',
    command: [process.execPath, here('./peers/tfjs-mlp.mjs'), ...args],
    steps: Math.max(1, Math.round(steps / 40)),
  }
  const torch = await torchAtItsBest(pythons, './torch_mlp.py', args, steps)
  const timings = await alternate([ours(20), ours(1), ...torch, ...(hasTfjs ? [tfjs] : [])], rounds)
  console.log(table(timings, 3))
  const [first, single] = timings as [Timing, Timing]
  // One step a run pays the call and the copy of the state; twenty share them.
  console.log(
    `share of per-call overhead in a single-step run: ${(100 * (1 - ratio(first, single)) * (20 / 19)).toFixed(0)} %\n`,
  )
}
