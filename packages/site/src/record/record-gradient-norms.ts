// Measures the gradient of every convolution of plain and residual nets before their first step, on real pictures.
// npm run gradient-norms --workspace packages/site
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { columnOf, normalize } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { crossEntropy, namedParameters, withMode, withSeed } from '@ddlf/nn'
import { compile, differentiate } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { gradientNormsSchema, type GradientNorms } from '../explain/gradient-norms.ts'

const NAME = 'depth-on-cifar-10'
const BATCH = 64
const SEEDS = [1, 2, 3]
const SCALING = { mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.247, 0.2435, 0.2616] } as const

const experiment = findExperiment(experiments, NAME)
const data = await loadDataset('cifar-10', { split: 'train' })
const { data: pixels, shape } = columnOf(data, 'images')
const size = shape.reduce((a, b) => a * b, 1)
const images = normalize(pixels.subarray(0, BATCH * size), shape, SCALING)
const labels = Int32Array.from(columnOf(data, 'labels').data.subarray(0, BATCH), Number)
const runtime = onnxNodeRuntime({ threads: 1 })

/** The root mean square of the gradient by each 3x3 convolution, from the first layer on. */
async function normsOf(depth: number, residual: boolean, seed: number): Promise<number[]> {
  const settings = parseSettings(experiment, { depth, residual, seed })
  const model = withSeed(seed, () => experiment.model(settings))
  const weights = [...namedParameters(model)].filter(([name]) => /conv\d\.weight$/.test(name)).map(([, one]) => one)
  const gradients = compile(
    (x, y) => withMode({ training: true }, () => differentiate(crossEntropy(model.forward(x), y), weights)).output,
    [{ shape: [BATCH, ...shape] }, { shape: [BATCH], dtype: 'int32' }],
    { runtime, name: 'gradients' },
  )
  const found = await gradients(images, labels)
  return found.map(({ data: values }) =>
    Math.sqrt(Array.from(values, Number).reduce((sum, value) => sum + value * value, 0) / values.length))
}

const nets: GradientNorms['nets'] = []
for (const depth of [20, 56])
  for (const residual of [false, true]) {
    const bySeed: number[][] = []
    for (const seed of SEEDS) bySeed.push(await normsOf(depth, residual, seed))
    // The geometric mean over the seeds.
    const [first = []] = bySeed
    const norms = first.map((_, i) =>
      Math.exp(bySeed.reduce((sum, one) => sum + Math.log(one[i] ?? NaN), 0) / SEEDS.length))
    const name = `${residual ? 'ResNet' : 'plain'}-${depth}`
    nets.push({ name, norms: norms.map(one => Number(one.toPrecision(3))) })
  }
const recorded = gradientNormsSchema.parse({ experiment: NAME, batch: BATCH, seeds: SEEDS.length, nets })
await writeFile(new URL('../explain/gradient-norms.json', import.meta.url), `${JSON.stringify(recorded)}\n`)
for (const { name, norms } of recorded.nets) console.log(name, norms.length, norms[0], norms.at(-1))
