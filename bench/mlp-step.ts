// How long does one training step of a dense network take, against PyTorch on the CPU and tfjs on WASM?
// Run: npm run bench mlp-step
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { alternate, machine, median, ratio, type Peer, type Timing } from './alternate.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 15)

/** The first Python that has PyTorch. */
const python = ['python3', '/usr/bin/python3'].find(command => spawnSync(command, ['-c', 'import torch']).status === 0)
const hasTfjs = existsSync(here('./node_modules/@tensorflow/tfjs'))
if (python === undefined) console.log('PyTorch is absent; install it with: apt-get install python3-torch')
if (!hasTfjs) console.log('tfjs is absent; install it with: npm ci --prefix bench')

const cases = [
  { sizes: [784, 512, 512, 10], batch: 128, optimizer: 'sgd', steps: 40 },
  { sizes: [784, 512, 512, 10], batch: 128, optimizer: 'adam', steps: 40 },
  { sizes: [784, 128, 32, 10], batch: 64, optimizer: 'sgd', steps: 200 },
] as const

console.log(`${machine()}; ${rounds} rounds\n`)
for (const { sizes, batch, optimizer, steps } of cases) {
  const args = [JSON.stringify(sizes), String(batch), optimizer]
  const ours = (perRun: number): Peer => ({ name: `30ddlf, ${perRun} steps a run`, command: [process.execPath, '--import', 'tsx', here('./peers/ddlf-mlp.ts'), ...args, String(perRun)], steps })
  const peers: Peer[] = [
    ours(20),
    ours(1),
    ...(python === undefined ? [] : [{ name: 'PyTorch', command: [python, here('./peers/torch_mlp.py'), ...args] as const, steps }]),
    ...(hasTfjs ? [{ name: 'tfjs WASM', command: [process.execPath, here('./peers/tfjs-mlp.mjs'), ...args] as const, steps: Math.max(1, Math.round(steps / 40)) }] : []),
  ] as Peer[]
  const timings = await alternate(peers, rounds)
  const [first, single] = timings as [Timing, Timing]
  console.log(`${sizes.join('-')}, batch ${batch}, ${optimizer}`)
  console.log('| | ms a step, median | min | max | 30ddlf / this |')
  console.log('| --- | --- | --- | --- | --- |')
  for (const timing of timings) {
    const { name, description, milliseconds } = timing
    console.log(`| ${name} (${description}) | ${median(milliseconds).toFixed(3)} | ${Math.min(...milliseconds).toFixed(3)} | ${Math.max(...milliseconds).toFixed(3)} | ${ratio(first, timing).toFixed(3)} |`)
  }
  // One step a run pays the call and the copy of the state; twenty share them.
  console.log(`share of per-call overhead in a single-step run: ${(100 * (1 - ratio(first, single)) * (20 / 19)).toFixed(0)} %\n`)
}
