// Keeps a trained GPT as bytes that a page can load, says what the rounding costs, and what its heads attend to.
// npm run ddlf -- train gpt-on-shakespeare --set steps=5000 --set evaluateEvery=1000 --threads 1 --runs gpt-runs
// npm run shakespeare-gpt --workspace packages/site -- ../../gpt-runs
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { loadDataset } from '@ddlf/data/node'
import { characterTokenizer } from '@ddlf/data/tokenizers'
import {
  findExperiment, givenSettings, modelState, recordedSettings, sampleText, trainedModel,
} from '@ddlf/lab'
import { listRuns, loadCheckpoint, runPaths } from '@ddlf/lab/node'
import {
  crossEntropy, evaluationStep, loadStateDict, type Dropout, type Embedding, type LearnedPositions,
  type TransformerEncoderLayer,
} from '@ddlf/nn'
import { stack, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import type { GptHeads } from '../explain/gpt-heads.ts'
import { packWeights, unpackWeights, type ShakespeareGpt } from '../explain/shakespeare-gpt.ts'
import { gptWriter } from '../workers/gpt-writer.ts'

const NAME = 'gpt-on-shakespeare'
const ALPHABET = "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const SAMPLE = { prompt: 'ROMEO:', temperature: 0.8, topK: 40, seed: 1 }
const [WRITTEN, BATCH, SHOWN] = [300, 64, 48]
/** Random letters, then the same again. */
const HALF = 31

interface Gpt {
  tokens: Embedding
  positions: LearnedPositions
  drop: Dropout
  layers: readonly TransformerEncoderLayer[]
}

const [root = 'runs'] = process.argv.slice(2)
const run = listRuns({ root }).runs.find(({ experiment }) => experiment === NAME)
const checkpoint = run && loadCheckpoint(runPaths(run).checkpoints, 'last')
if (!run || !checkpoint) throw new Error(`No run of ${NAME} below ${root}.`)
const runtime = onnxNodeRuntime({ threads: 1 })
const experiment = findExperiment(experiments, NAME)
const settings = { layers: 4, heads: 4, blockSize: 64, ...recordedSettings(experiment, run.record.config) }
const model = trainedModel(experiment, settings, checkpoint)
const heldOut = (await loadDataset('tiny-shakespeare', { split: 'validation' })).text?.['text']?.[0] ?? ''
const idsOf = (text: string) => Int32Array.from(text, letter => ALPHABET.indexOf(letter))
const tokens = { shape: [BATCH, settings.blockSize], dtype: 'int32' } as const

/** Nats at each place of windows, [windows, T]. @param ids of windows with one more letter each */
async function lossesOf(windows: readonly Int32Array[], time: number): Promise<Float32Array[]> {
  const form = { shape: [BATCH, time], dtype: 'int32' } as const
  const step = evaluationStep({
    model: model, runtime, batch: { x: form, y: form },
    compute: (net, { x, y }) => crossEntropy(net.forward(x), y, { reduction: 'none', ignoreIndex: null }),
  })
  const rows: Float32Array[] = []
  for (let from = 0; from + BATCH <= windows.length; from += BATCH) {
    const some = windows.slice(from, from + BATCH)
    const part = (begin: number) =>
      Int32Array.from(some.flatMap(window => [...window.subarray(begin, begin + time)]))
    const { data } = await step(part(0), part(1))
    for (let row = 0; row < BATCH; row++) rows.push((data as Float32Array).slice(row * time, (row + 1) * time))
  }
  await step.release()
  return rows
}
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
const ids = idsOf(heldOut)
const windowsOf = (time: number, count: number) =>
  Array.from({ length: count }, (_, i) => ids.slice(i * time, (i + 1) * time + 1))
const all = windowsOf(64, Math.floor((ids.length - 1) / 64 / BATCH) * BATCH)
const exact = await lossesOf(all, 64)

const state = modelState(model, checkpoint, settings.averageDecay > 0)
const packed = packWeights(state)
loadStateDict(model, unpackWeights(packed.tensors, packed.bytes))
const rounded = await lossesOf(all, 64)

/** Weights of every head on windows [BATCH, T]: [layers, BATCH, heads, T, T]. */
async function attentionOf(windows: readonly Int32Array[], time: number) {
  const step = evaluationStep({
    model: model, runtime, batch: { x: { ...tokens, shape: [BATCH, time] } },
    compute: (net, { x }): Tensor => {
      const gpt = net as unknown as Gpt
      let h = gpt.drop.forward(gpt.positions.forward(gpt.tokens.forward(x)))
      return stack(gpt.layers.map(layer => {
        const normed = layer.norm1.forward(h)
        const { weights } = layer.self_attn.withWeights(normed, normed, normed, { causal: true })
        h = layer.forward(h, { causal: true })
        return weights
      }))
    },
  })
  const { data } = await step(Int32Array.from(windows.flatMap(window => [...window.subarray(0, time)])))
  await step.release()
  const heads = settings.heads
  return (layer: number, row: number, head: number, query: number, key: number) =>
    data[(((layer * BATCH + row) * heads + head) * time + query) * time + key] as number
}

const repeated = Array.from({ length: BATCH }, (_, row) => {
  const drawn = Array.from({ length: HALF }, (_letter, i) =>
    Math.floor(uniformAt(randomKey(1, 'repeated', row), i) * ALPHABET.length))
  return Int32Array.from([...drawn, ...drawn, drawn[0] ?? 0])
})
const passages = windowsOf(HALF, BATCH).map(window => {
  const once = [...window.subarray(0, HALF)]
  return Int32Array.from([...once, ...once, once[0] ?? 0])
})
const halves = (rows: readonly Float32Array[]) => ({
  // The first letters of a text have little before them: of both halves only the last 20 are compared.
  first: mean(rows.flatMap(row => [...row.subarray(HALF - 21, HALF - 1)])),
  again: mean(rows.flatMap(row => [...row.subarray(2 * HALF - 21, 2 * HALF - 1)])),
})
const onRepeated = await attentionOf(repeated, 2 * HALF)
const onText = await attentionOf(windowsOf(2 * HALF, BATCH), 2 * HALF)
const places = Array.from({ length: HALF - 1 }, (_, i) => HALF + i)
const rowsMean = (f: (row: number, place: number) => number) =>
  mean(Array.from({ length: BATCH }, (_, row) => mean(places.map(place => f(row, place)))))
const heads = Array.from({ length: settings.layers }, (_, layer) =>
  Array.from({ length: settings.heads }, (_head, head) => ({
    layer: layer + 1,
    head: head + 1,
    previous: rowsMean((row, place) => onText(layer, row, head, place, place - 1)),
    self: rowsMean((row, place) => onText(layer, row, head, place, place)),
    induction: rowsMean((row, place) => onRepeated(layer, row, head, place, place - HALF + 1)),
  }))).flat()

const DRAWN = [[0, 65], [0.5, 65], [0.8, 65], [1, 65], [1, 3], [1.5, 65]] as const
const learned = (await loadDataset('tiny-shakespeare', { split: 'train' })).text?.['text']?.[0] ?? ''
const wordsOf = (one: string) => one.toLowerCase().match(/[a-z']+/g) ?? []
const known = new Set(wordsOf(learned))

/** What becomes of texts that are drawn so; of the first and last word only a part may stand there. */
async function writtenAt(temperature: number, topK: number): Promise<ShakespeareGpt['written'][number]> {
  const prompts = Array.from({ length: temperature === 0 ? 1 : 8 }, () => '\n')
  const texts = prompts.map(() => '')
  const pieces = sampleText({ experiment, settings, model }, {
    prompts, temperature, topK, seed: 1, tokens: 800, runtime, perRun: 40, tokenizer: characterTokenizer(ALPHABET),
  })
  for await (const more of pieces) more.forEach((piece, i) => (texts[i] = (texts[i] ?? '') + piece))
  const words = texts.flatMap(one => wordsOf(one).slice(1, -1))
  const again = texts.map(one => {
    const ends = Array.from({ length: one.length - 30 }, (_, i) => one.slice(i, i + 30))
    return ends.filter((run, i) => ends.indexOf(run) < i).length / ends.length
  })
  console.log(temperature, topK, texts[0]?.slice(0, 300))
  return {
    temperature, topK, letters: texts.join('').length, repeated: mean(again),
    knownWords: words.filter(word => known.has(word)).length / words.length,
  }
}
const written: ShakespeareGpt['written'][number][] = []
for (const [temperature, topK] of DRAWN) written.push(await writtenAt(temperature, topK))

// A passage that begins with the name of who speaks.
const begin = heldOut.indexOf('\n\n', 2000) + 2
const shown = heldOut.slice(begin, begin + SHOWN)
const onShown = await attentionOf(Array.from({ length: BATCH }, () => idsOf(shown)), SHOWN)
const bytes: number[] = []
for (let layer = 0; layer < settings.layers; layer++)
  for (let head = 0; head < settings.heads; head++)
    for (let query = 0; query < SHOWN; query++)
      for (let key = 0; key <= query; key++) bytes.push(Math.round(255 * onShown(layer, 0, head, query, key)))

const recorded: ShakespeareGpt = {
  run: run.id,
  experiment: NAME,
  settings: givenSettings(experiment, settings),
  alphabet: ALPHABET,
  parameters: Object.values(state).reduce((sum, { data }) => sum + data.length, 0),
  loss: mean(exact.map(mean)),
  roundedLoss: mean(rounded.map(mean)),
  bytes: packed.bytes.length,
  tensors: packed.tensors,
  written,
  sample: { ...SAMPLE, text: '' },
}
let text = ''
const writer = gptWriter(recorded, packed.bytes, runtime)
for await (const piece of writer.write({ ...SAMPLE, tokens: WRITTEN })) text += piece
const looked: GptHeads = {
  run: run.id,
  text: shown,
  layers: settings.layers,
  heads: settings.heads,
  weights: Buffer.from(Uint8Array.from(bytes)).toString('base64'),
  scores: heads,
  repeatedLetters: halves(await lossesOf(repeated, 2 * HALF)),
  repeatedText: halves(await lossesOf(passages, 2 * HALF)),
  byPlace: Array.from({ length: 64 }, (_, place) => mean(rounded.map(row => row[place] ?? NaN))),
}
const at = (file: string) => new URL(`../explain/${file}`, import.meta.url)
await writeFile(at('shakespeare-gpt.bin'), packed.bytes)
await writeFile(at('shakespeare-gpt.json'), `${JSON.stringify({ ...recorded, sample: { ...SAMPLE, text } })}\n`)
await writeFile(at('gpt-heads.json'), `${JSON.stringify(looked)}\n`)
console.log(text, recorded.loss, recorded.roundedLoss, looked.repeatedLetters, looked.repeatedText, looked.byPlace)
console.table(heads)
