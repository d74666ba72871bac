// Does the loader keep up? CIFAR-10-shaped images with crop, flip and cutout, against what a ResNet-20 step consumes.
// Run: npm run bench loader
import { setTimeout as sleep } from 'node:timers/promises'
import { experiments } from '@ddlf/course'
import { createLoader, type Dataset, type Loader, type Transform } from '@ddlf/data'
import { createPrefetchingLoader, shareDataset } from '@ddlf/data/node'
import { findExperiment, memoryRunStore, parseSettings, train } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { integerAt, randomKey } from '@ddlf/tensor/random'
import { machine, median } from './alternate.ts'

const BATCH = 128
const rounds = Number(process.env['ROUNDS'] ?? 7)
const transforms: readonly Transform[] = [
  { kind: 'randomCrop', padding: 4 },
  { kind: 'horizontalFlip' },
  { kind: 'cutout', size: 8 },
]

/** Random images: what the pixels are does not matter to the speed. */
function made(length: number): Dataset {
  const data = new Uint8Array(length * 3072)
  for (let i = 0; i < data.length; i++) data[i] = Math.imul(i, 2_654_435_761) >>> 24
  const labels = Int32Array.from({ length }, (_, i) => integerAt(randomKey(1, 'labels'), i, 10))
  return shareDataset({
    name: 'made',
    length,
    columns: {
      images: { dtype: 'uint8', shape: [3, 32, 32], data },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
  })
}

/** Images a second through a loader, when nothing is done with them; the thread that prepares them is already warm. */
async function throughput(loader: Loader, epoch: number): Promise<number> {
  let images = 0
  const started = performance.now()
  for await (const chunk of loader.epoch(epoch)) images += chunk.steps * chunk.batchSize
  return images / ((performance.now() - started) / 1000)
}

const dataset = made(25_600)
const options = { dataset, batchSize: BATCH, seed: 1, chunkSteps: 8 }
const loaders = [
  {
    name: 'prefetching, crop + flip + cutout',
    loader: createPrefetchingLoader({ ...options, transforms }),
    speeds: [] as number[],
  },
  { name: 'prefetching, no transforms', loader: createPrefetchingLoader(options), speeds: [] as number[] },
  {
    name: 'on the calling thread, crop + flip + cutout',
    loader: createLoader({ ...options, transforms }),
    speeds: [] as number[],
  },
]

/** A short real training with the augmentation: where the time of an epoch goes. */
async function training(augment: boolean): Promise<{ images: number; step: number; loader: number }> {
  const resnet = { ...findExperiment(experiments, 'resnet-on-cifar-10'), transforms: () => (augment ? transforms : []) }
  const settings = parseSettings(resnet, { epochs: 2, batchSize: BATCH })
  const part = made(BATCH * Number(process.env['STEPS'] ?? 16))
  for await (const event of train({
    experiment: resnet,
    settings,
    train: part,
    test: made(100),
    runtime: onnxNodeRuntime(),
    store: memoryRunStore('bench'),
    createLoader: createPrefetchingLoader,
  })) {
    if (event.kind === 'failed') throw new Error(event.stack ?? event.message)
    // The first epoch holds the compilation.
    if (event.kind === 'evaluation' && event.epoch === 2)
      return { images: part.length, step: event.seconds.step, loader: event.seconds.loader }
  }
  throw new Error('The training ended without an evaluation.')
}

console.log(`${machine()}; ${rounds} rounds\n`)
const steps: { images: number; step: number; loader: number }[] = []
for (let round = -1; round < rounds; round++) {
  for (const { loader, speeds } of loaders) {
    await sleep(120)
    const speed = await throughput(loader, round + 1)
    if (round >= 0) speeds.push(speed)
  }
  await sleep(120)
  if (round % 3 === 0) steps.push(await training(true))
}
await Promise.all(loaders.map(({ loader }) => loader.close()))

const speedsOfSteps = steps.map(({ images, step }) => images / step)
const consumed = median(speedsOfSteps)
const most = Math.max(...speedsOfSteps)
const whole = (value: number) => Math.round(value).toLocaleString('en')
const waited = median(steps.map(({ step, loader }) => loader / (step + loader)))
console.log('| | images a second, median | least | most | times what ResNet-20 consumes | least over its most |')
console.log('| --- | --- | --- | --- | --- | --- |')
for (const { name, speeds } of loaders) {
  const least = Math.min(...speeds)
  console.log(`| ${name} | ${whole(median(speeds))} | ${whole(least)} | ${whole(Math.max(...speeds))} ` +
    `| ${(median(speeds) / consumed).toFixed(0)} | ${(least / most).toFixed(0)} |`)
}
console.log(`| ResNet-20 training step, batch ${BATCH} | ${whole(consumed)} | ${whole(Math.min(...speedsOfSteps))} ` +
  `| ${whole(most)} | 1 | |`)
console.log(
  `\nIn a real epoch with the augmentation the step waited for the loader ${(100 * waited).toFixed(1)} % of the time.`,
)
