// How much memory does a training step of the convolution networks hold at its peak, against PyTorch on the CPU?
// Run: npm run bench memory        (ROUNDS=3 NETWORKS=resnet20 THREADS=1,2)
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { machine, median } from './alternate.ts'
import { environmentOf, findPythons } from './peers/pytorch.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const listed = (name: string, preset: string) => (process.env[name] ?? preset).split(',')
const rounds = Number(process.env['ROUNDS'] ?? 3)
const BATCH = 128
const STEPS = 4

interface Memory {
  /** Once the framework is loaded, before there is a model. */
  readonly loadedMegabytes: number
  readonly peakMegabytes: number
}

const pythons = findPythons()

/** A process of its own builds the network and takes a few steps; the system says what it held at most. */
function measure([program, ...args]: readonly [string, ...string[]]): Memory {
  const { status, stdout, stderr } = spawnSync(program, args, {
    input: `${JSON.stringify({ steps: STEPS })}\n`,
    encoding: 'utf8',
    env: environmentOf('default'),
  })
  const answer = stdout.trim().split('\n').at(-1)
  if (status !== 0 || answer === undefined) throw new Error(`${program} ended with ${status}: ${stderr}`)
  return JSON.parse(answer) as Memory
}

console.log(`${machine()}; batch ${BATCH}, most resident memory in MB, medians of ${rounds} processes\n`)
for (const network of listed('NETWORKS', 'resnet20')) {
  for (const threads of listed('THREADS', '1,2')) {
    const settings = (layout: string, ...mode: readonly string[]) => [
      network,
      String(BATCH),
      'training',
      layout,
      ...mode,
      threads,
    ]
    const peers: [string, readonly [string, ...string[]]][] = [
      ['30ddlf', [process.execPath, '--import', 'tsx', here('./peers/ddlf-cnn.ts'), ...settings('blocked')]],
      ...pythons.flatMap(({ command, version }) =>
        ['contiguous', 'channels_last'].map((layout): [string, [string, ...string[]]] => [
          `PyTorch ${version}, ${layout}`,
          [command, here('./peers/torch_cnn.py'), ...settings(layout, 'eager')],
        ]),
      ),
    ]
    const held = peers.map(([name, command]) => {
      const taken = Array.from({ length: rounds }, () => measure(command))
      const loaded = median(taken.map(({ loadedMegabytes }) => loadedMegabytes))
      return { name, loaded, peak: median(taken.map(({ peakMegabytes }) => peakMegabytes)) }
    })
    const [first] = held
    console.log(`${network}, ${threads} ${threads === '1' ? 'thread' : 'threads'}\n\n| | loaded | peak | difference ` +
      `| peak, 30ddlf / this | difference, 30ddlf / this |\n| --- | --- | --- | --- | --- | --- |`)
    for (const { name, loaded, peak } of held) {
      const share = first ? [first.peak / peak, (first.peak - first.loaded) / (peak - loaded)] : []
      console.log(`| ${name} | ${loaded.toFixed(0)} | ${peak.toFixed(0)} | ${(peak - loaded).toFixed(0)} ` +
        `| ${share.map(value => value.toFixed(2)).join(' | ')} |`)
    }
    console.log()
  }
}
