// How long do a training step and inference of the convolution networks take, against PyTorch on the CPU?
// Run: npm run bench cnn-step        (ROUNDS=15 NETWORKS=lenet5,alexnet,vgg16,resnet20 MODES=training,inference
// LAYOUTS=blocked,standard TORCH=eager,compiled)
import { fileURLToPath } from 'node:url'
import { alternate, machine, table, type Peer } from './alternate.ts'
import { cnnFlop } from './peers/cnn-models.ts'
import { findPythons, printProductSpeeds, productsAlone, torchAtItsBest, type Mode } from './peers/pytorch.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 15)
const listed = (name: string, all: readonly string[]) => process.env[name]?.split(',') ?? all
const BATCH = 128

/** Steps in one burst: about half a second. */
const STEPS: Readonly<Record<string, number>> = { lenet5: 60, alexnet: 3, vgg16: 1, resnet20: 2 }

const pythons = findPythons()
console.log(`${machine()}; batch ${BATCH}, ${rounds} rounds`)
const [product] = printProductSpeeds(pythons)
for (const network of listed('NETWORKS', Object.keys(STEPS))) {
  for (const mode of listed('MODES', ['training', 'inference'])) {
    console.log(`\n${network}, ${mode}\n`)
    const steps = (STEPS[network] ?? 1) * (mode === 'inference' ? 3 : 1)
    const args = [network, String(BATCH), mode]
    const ours = (layout: string): Peer => ({
      name: `30ddlf, ${layout} layout`,
      command: [process.execPath, '--import', 'tsx', here('./peers/ddlf-cnn.ts'), ...args, layout],
      steps,
    })
    const torch = await torchAtItsBest(pythons, './torch_cnn.py', args, steps, {
      layouts: ['contiguous', 'channels_last'],
      modes: listed('TORCH', ['eager', 'compiled']) as readonly Mode[],
    })
    // tfjs is no peer here: its WASM backend has no kernel for a convolution's weight gradient, so it trains none of
    // these.
    console.log(table(await alternate([...listed('LAYOUTS', ['blocked', 'standard']).map(ours), ...torch], rounds), 1))
    if (product) console.log(productsAlone(cnnFlop(network, BATCH, mode), product))
  }
}
