// Trains the net of the temperature figure on first names, and keeps its weights, and how new its names are by
// temperature.
// npm run names-net --workspace packages/site
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { createLoader } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, memoryRunStore, parseSettings, train, type DataIo } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { drawNames, readNamesNet, type NamesNetOfPage, type PackedNamesNet } from '../explain/names-net.ts'

const given = { hidden: 64, steps: 40_000, evaluateEvery: 4000, seed: 1 }
const NAMES = 1000
const BYTE = 127

const experiment = findExperiment(experiments, 'context-net-on-first-names')
const settings = parseSettings(experiment, given)
const io: DataIo = {
  shared: false,
  dataset: (id, split) => loadDataset(id, { split }),
  texts: () => {
    throw new Error('No file is read.')
  },
  artifact: (_, make) => make(),
}
const load = experiment.data.load
if (!load) throw new Error('First names are a published set.')
const parts = { train: await load('train', settings, io), validation: await load('validation', settings, io) }
const store = memoryRunStore('names-net')
const run = { experiment, settings, ...parts, runtime: onnxNodeRuntime({ threads: 1 }), store, createLoader }
for await (const event of train(run)) if (event.kind === 'failed') throw new Error(event.message)
const tensors = store.loadCheckpoint('last')?.tensors ?? {}

function packed(name: string): PackedNamesNet['tokens'] {
  const data = tensors[name]?.data
  if (!data) throw new Error(`No tensor ${name} among ${Object.keys(tensors).join(', ')}.`)
  const values = Array.from(data as Float32Array)
  const scale = Math.max(...values.map(Math.abs)) / BYTE
  const bytes = Int8Array.from(values, value => Math.round(value / scale))
  return { bytes: Buffer.from(bytes.buffer).toString('base64'), scale }
}

const net: NamesNetOfPage = {
  blockSize: 3,
  embedding: 10,
  hidden: given.hidden,
  tokens: packed('tokens.weight'),
  weights: packed('hidden.weight'),
  bias: packed('hidden.bias'),
  logits: packed('logits.weight'),
  logitsBias: packed('logits.bias'),
}
const listed = new Set((await loadDataset('first-names', { split: 'all' })).text?.['text'])
const temperatures = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3]
const drawn = temperatures.map(temperature => drawNames(readNamesNet(net), temperature, NAMES))
const recorded: PackedNamesNet = {
  experiment: experiment.name,
  settings: given,
  ...net,
  temperatures,
  known: drawn.map(names => names.filter(name => listed.has(name)).length / NAMES),
  different: drawn.map(names => new Set(names).size / NAMES),
}
await writeFile(new URL('../explain/names-net.json', import.meta.url), `${JSON.stringify(recorded)}\n`)
const row = (t: number, i: number) => [t, recorded.known[i], recorded.different[i], drawn[i]?.slice(0, 8).join(' ')]
console.log(store.summary.metrics, temperatures.map(row))
