// Finds, in a trained net on Shakespeare, the unit that follows best what a reader would name, and keeps its trace.
// npm run ddlf -- train char-rnn-on-shakespeare --set hidden=128 --set embedding=32 --set dropout=0 \
//   --set blockSize=64 --set steps=3000 --set evaluateEvery=1000 --runs units-runs
// npm run units --workspace packages/site -- ../../units-runs
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { loadDataset } from '@ddlf/data/node'
import { findExperiment, givenSettings, recordedSettings, trainedModel } from '@ddlf/lab'
import { listRuns, loadCheckpoint, runPaths } from '@ddlf/lab/node'
import { withMode, type Embedding, type LSTM } from '@ddlf/nn'
import { compile } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import type { UnitTraces } from '../explain/unit-traces.ts'

const NAME = 'char-rnn-on-shakespeare'
const ALPHABET = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const [WINDOWS, TIME, SHOWN] = [80, 256, 224]
const BYTE = 127

/** What a reader would name, at each letter of a text. */
const features: Readonly<Record<string, (text: string) => number[]>> = {
  'how far the line has come': text => {
    let at = 0
    return Array.from(text, letter => (at = letter === '\n' ? 0 : at + 1))
  },
  'the name of who speaks, up to its colon': text => {
    const inside = new Array<number>(text.length).fill(0)
    for (const { index, 0: name } of text.matchAll(/(?<=\n\n)[A-Z][A-Za-z ]*:/g))
      inside.fill(1, index, index + name.length)
    return inside
  },
  'between two words': text => Array.from(text, letter => Number(!/[a-z']/i.test(letter))),
  'how long the word is so far': text => {
    let at = 0
    return Array.from(text, letter => (at = /[a-z']/i.test(letter) ? at + 1 : 0))
  },
}

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length
  const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / n
  const [ma, mb] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [da, db] = [(a[i] ?? 0) - ma, (b[i] ?? 0) - mb]
    ab += da * db
    aa += da * da
    bb += db * db
  }
  return ab / Math.sqrt(aa * bb)
}

const [root = 'runs'] = process.argv.slice(2)
const run = listRuns({ root }).runs.find(({ experiment }) => experiment === NAME)
const checkpoint = run && loadCheckpoint(runPaths(run).checkpoints, 'last')
if (!run || !checkpoint) throw new Error(`No run of ${NAME} below ${root}.`)
const experiment = findExperiment(experiments, NAME)
const settings = recordedSettings(experiment, run.record.config)
const model = trainedModel(experiment, settings, checkpoint) as unknown as { tokens: Embedding; cell: LSTM }
const all = (await loadDataset('tiny-shakespeare', { split: 'validation' })).text?.['text']?.[0] ?? ''
const text = all.slice(0, WINDOWS * TIME)
const states = compile(
  x => withMode({ training: false }, () => model.cell.forward(model.tokens.forward(x)).output).output,
  [{ shape: [WINDOWS, TIME], dtype: 'int32' }],
  { runtime: onnxNodeRuntime({ threads: 1 }), name: 'states' },
)
const { data, shape } = await states(Int32Array.from(text, letter => ALPHABET.indexOf(letter)))
const hidden = shape[2] as number
const traceOf = (unit: number) =>
  Float32Array.from({ length: WINDOWS * TIME }, (_, i) => Number(data[i * hidden + unit]))
const traces = Array.from({ length: hidden }, (_, unit) => traceOf(unit))
// The window that shows most of who speaks.
const speakers = features['the name of who speaks, up to its colon']?.(text) ?? []
const inWindow = (w: number) => speakers.slice(w * TIME, w * TIME + SHOWN).reduce((a, b) => a + b, 0)
const windows = Array.from({ length: WINDOWS }, (_, w) => w)
const shown = windows.reduce((best, w) => (inWindow(w) > inWindow(best) ? w : best))
const from = shown * TIME
const recorded: UnitTraces = {
  run: run.id,
  experiment: NAME,
  settings: { ...givenSettings(experiment, settings), hidden, steps: settings.steps },
  letters: text.length,
  text: text.slice(from, from + SHOWN),
  units: Object.entries(features).map(([follows, feature]) => {
    const wanted = feature(text)
    const matches = traces.map(trace => correlation(trace, wanted))
    const unit = matches.reduce((best, value, k) => (Math.abs(value) > Math.abs(matches[best] ?? 0) ? k : best), 0)
    const sign = Math.sign(matches[unit] ?? 1)
    const bytes = Int8Array.from(
      traces[unit]?.subarray(from, from + SHOWN) ?? [],
      value => Math.round(sign * value * BYTE),
    )
    return { unit, follows, correlation: matches[unit] ?? 0, values: Buffer.from(bytes.buffer).toString('base64') }
  }),
}
await writeFile(new URL('../explain/unit-traces.json', import.meta.url), `${JSON.stringify(recorded)}\n`)
console.log(recorded.text, recorded.units.map(({ unit, follows, correlation: r }) => [unit, follows, r]))
