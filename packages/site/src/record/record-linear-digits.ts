// Trains the linear classifier of the opening figure of Days 1-2, and keeps its weights, ten digits, and its error on
// moved digits.
// npm run figures --workspace packages/site
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { experiments } from '@ddlf/course'
import { columnOf, createLoader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, memoryRunStore, parseSettings, train } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { moved, readLinearDigits, type PackedDigits } from '../explain/linear-digits.ts'

const given = { hidden: [], epochs: 6, weightDecay: 0.0002, seed: 1 }
const MOST = 8
const BYTE = 127
const BRIGHTEST = 255

const experiment = findExperiment(experiments, 'mlp-on-mnist')
const [trainData, test] = [
  await loadDataset('mnist', { split: 'train' }),
  await loadDataset('mnist', { split: 'test' }),
]
const store = memoryRunStore('linear-digits')
const settings = parseSettings(experiment, given)
const run = {
  experiment,
  settings,
  train: trainData,
  test,
  runtime: onnxNodeRuntime({ threads: 1 }),
  store,
  createLoader,
}
for await (const event of train(run)) if (event.kind === 'failed') throw new Error(event.message)
const tensors = Object.entries(store.loadCheckpoint('last')?.tensors ?? {})
const found = (rank: number) => {
  const data = tensors.find(([name, { shape }]) => shape.length === rank && shape[0] === 10 && !name.includes('/'))?.[1]
    .data
  if (!data) throw new Error(`No weights of rank ${rank}.`)
  return Array.from(data as Float32Array)
}
const images = columnOf(test, 'images').data as Uint8Array
const labels = columnOf(test, 'labels').data
const weights = found(2)
const scale = Math.max(...weights.map(Math.abs)) / BYTE
const firstOf = (digit: number) => labels.findIndex(label => label === digit)
const digits = Buffer.concat(
  Array.from({ length: 10 }, (_, digit) => images.slice(firstOf(digit) * 784, (firstOf(digit) + 1) * 784)),
)
const packed = {
  experiment: experiment.name,
  settings: given,
  weights: Buffer.from(Int8Array.from(weights, value => Math.round(value / scale)).buffer).toString('base64'),
  scale,
  bias: found(1).map(value => Number(value.toPrecision(5))),
  digits: digits.toString('base64'),
}
const model = readLinearDigits(packed)
/** The class with the highest score; in plain loops, as it is asked 170,000 times. */
function answerTo(digit: Uint8Array): number {
  let [best, highest] = [0, -Infinity]
  for (let k = 0; k < 10; k++) {
    const row = model.weights[k] as Float32Array
    let score = model.bias[k] as number
    for (let i = 0; i < digit.length; i++) score += ((row[i] as number) * (digit[i] as number)) / BRIGHTEST
    if (score > highest) [best, highest] = [k, score]
  }
  return best
}
const errorAt = (shift: number) => {
  let wrong = 0
  for (let i = 0; i < test.length; i++)
    if (answerTo(moved(images.subarray(i * 784, (i + 1) * 784), shift, 0)) !== labels[i]) wrong++
  return wrong / test.length
}
const shifts = Array.from({ length: 2 * MOST + 1 }, (_, i) => i - MOST)
const recorded: PackedDigits = { ...packed, shifts, errors: shifts.map(errorAt) }
const folder = new URL('../explain/', import.meta.url)
await mkdir(folder, { recursive: true })
await writeFile(new URL('linear-digits.json', folder), `${JSON.stringify(recorded)}\n`)
console.log(fileURLToPath(folder), shifts.map((shift, i) => `${shift}: ${recorded.errors[i] ?? NaN}`).join(', '))
