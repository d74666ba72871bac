// How long do a training step and inference of the convolution networks take, against PyTorch on the CPU?
// Run: npm run bench cnn-step        (ROUNDS=15 NETWORKS=lenet5,alexnet,vgg16,resnet20 MODES=training,inference LAYOUTS=blocked,standard)
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { alternate, machine, median, ratio, type Peer, type Timing } from './alternate.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 15)
const listed = (name: string, all: readonly string[]) => process.env[name]?.split(',') ?? all
const BATCH = 128

/** Steps in one burst: about half a second. */
const STEPS: Readonly<Record<string, number>> = { lenet5: 60, alexnet: 3, vgg16: 1, resnet20: 2 }

const python = ['python3', '/usr/bin/python3'].find(command => spawnSync(command, ['-c', 'import torch']).status === 0)
if (python === undefined) console.log('PyTorch is absent; install it with: apt-get install python3-torch')

console.log(`${machine()}; batch ${BATCH}, ${rounds} rounds\n`)
for (const network of listed('NETWORKS', Object.keys(STEPS))) {
  for (const mode of listed('MODES', ['training', 'inference'])) {
    const steps = (STEPS[network] ?? 1) * (mode === 'inference' ? 3 : 1)
    const ours = (layout: string): Peer => ({ name: `30ddlf, ${layout} layout`, command: [process.execPath, '--import', 'tsx', here('./peers/ddlf-cnn.ts'), network, String(BATCH), mode, layout], steps })
    const torch = (layout: string): Peer[] => python === undefined ? []
      : [{ name: `PyTorch, ${layout}`, command: [python, here('./peers/torch_cnn.py'), network, String(BATCH), mode, layout], steps }]
    // tfjs is no peer here: its WASM backend has no kernel for a convolution's weight gradient, so it trains none of these.
    const timings = await alternate([...listed('LAYOUTS', ['blocked', 'standard']).map(ours), ...torch('contiguous'), ...torch('channels_last')], rounds)
    const [first] = timings as [Timing]
    console.log(`${network}, ${mode}\n\n| | ms, median | min | 30ddlf / this |\n| --- | --- | --- | --- |`)
    for (const timing of timings) {
      console.log(`| ${timing.name} (${timing.description}) | ${median(timing.milliseconds).toFixed(1)} | ${Math.min(...timing.milliseconds).toFixed(1)} | ${ratio(first, timing).toFixed(2)} |`)
    }
    console.log()
  }
}
