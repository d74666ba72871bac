// Trains LeNet-1 twice for the figures of Days 3-6, on digits as they are and on distorted ones, and keeps its weights,
// its errors on moved digits, and how far its units see.
// npm run lenet-digits --workspace packages/site
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { columnOf, createLoader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, memoryRunStore, parseSettings, train } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { moved } from '../explain/linear-digits.ts'
import { FIELD, fieldOf, lenetScores, readLeNet, type LeNetDigits, type PackedLeNet } from '../explain/lenet-digits.ts'

const given = { form: 'lenet1', epochs: 6, seed: 1 }
const [MOST, JUDGED, LOOKED, BYTE, UNITS] = [8, 2000, 300, 127, 12]
const shifts = Array.from({ length: 2 * MOST + 1 }, (_, i) => i - MOST)

const experiment = findExperiment(experiments, 'lenet5-on-mnist')
const parts = {
  train: await loadDataset('mnist', { split: 'train' }),
  test: await loadDataset('mnist', { split: 'test' }),
}
const images = columnOf(parts.test, 'images').data as Uint8Array
const labels = columnOf(parts.test, 'labels').data
const digit = (i: number) => images.subarray(i * 784, (i + 1) * 784)

async function trained(distort: boolean): Promise<PackedLeNet> {
  const store = memoryRunStore(`lenet-${String(distort)}`)
  const settings = parseSettings(experiment, { ...given, distort })
  const run = { experiment, settings, ...parts, runtime: onnxNodeRuntime({ threads: 1 }), store, createLoader }
  for await (const event of train(run)) if (event.kind === 'failed') throw new Error(event.message)
  const tensors = store.loadCheckpoint('last')?.tensors ?? {}
  const of = (name: string) => {
    const data = tensors[name]?.data
    if (!data) throw new Error(`No tensor ${name} among ${Object.keys(tensors).join(', ')}.`)
    return Array.from(data as Float32Array)
  }
  const layers = ['features.0', 'features.3', 'classifier.0']
  const weights = layers.map(layer => of(`${layer}.weight`))
  const scales = weights.map(values => Math.max(...values.map(Math.abs)) / BYTE)
  const packed = {
    weights: weights.map((values, i) =>
      Buffer.from(Int8Array.from(values, value => Math.round(value / (scales[i] ?? 1))).buffer).toString('base64')),
    scales,
    biases: layers.map(layer => of(`${layer}.bias`).map(value => Number(value.toPrecision(5)))),
  }
  const net = readLeNet(packed)
  const errorAt = (shift: number) => {
    let wrong = 0
    for (let i = 0; i < JUDGED; i++) {
      const scores = lenetScores(net, moved(digit(i), shift, 0))
      if (scores.indexOf(Math.max(...scores)) !== labels[i]) wrong++
    }
    return wrong / JUDGED
  }
  return { ...packed, errors: shifts.map(errorAt) }
}

/** Mean size of the gradient in each column of the field, over digits and units. */
function fieldProfile(net: PackedLeNet): number[] {
  const read = readLeNet(net)
  const columns = new Array<number>(FIELD).fill(0)
  for (let i = 0; i < LOOKED; i++)
    for (let unit = 0; unit < UNITS; unit++)
      for (const [at, value] of fieldOf(read, digit(i), unit).entries())
        columns[at % FIELD] = (columns[at % FIELD] ?? 0) + Math.abs(value)
  const total = columns.reduce((a, b) => a + b, 0)
  return columns.map(value => Number((value / total).toPrecision(4)))
}

const plain = await trained(false)
const recorded: LeNetDigits = {
  experiment: experiment.name, settings: given, plain, distorted: await trained(true), shifts, judged: JUDGED,
  field: fieldProfile(plain),
}
await writeFile(new URL('../explain/lenet-digits.json', import.meta.url), `${JSON.stringify(recorded)}\n`)
console.log(shifts.map((shift, i) => [shift, plain.errors[i], recorded.distorted.errors[i]].join(' ')), recorded.field)
