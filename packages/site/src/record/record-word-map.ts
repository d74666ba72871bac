// Keeps the vectors of frequent words of a run of skip-gram, with their maps.
// npm run ddlf -- train skip-gram --runs map-runs
// npm run word-map --workspace packages/site -- ../../map-runs
import { writeFile } from 'node:fs/promises'
import { experiments } from '@ddlf/course'
import { findExperiment, givenSettings, pca, recordedSettings, umap } from '@ddlf/lab'
import { listRuns, loadCheckpoint, runPaths, runWords } from '@ddlf/lab/node'
import { wordMapSchema, type MappedWords } from '../explain/word-map-data.ts'
import { keptOnMap, neighboursOf, WORD_MAP_START } from '../explain/word-map.ts'

const NAME = 'skip-gram'
/** Of the words by frequency: the first are glue. */
const [FIRST, WORDS] = [70, 1000]
const ASKED = ['bad', 'woman', 'women', 'indian', 'labor', 'mother', 'nurse', 'soldier', 'poor']
const BYTE = 127

const bytesOf = (values: ArrayLike<number>) =>
  Buffer.from(Int8Array.from(values, value => Math.round(BYTE * value)).buffer).toString('base64')
const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** Vectors of a run and their words. */
function learned(root: string) {
  const isDone = ({ experiment, record }: ReturnType<typeof listRuns>['runs'][number]) =>
    experiment === NAME && record.status === 'completed'
  const run = listRuns({ root }).runs.find(isDone)
  const checkpoint = run && loadCheckpoint(runPaths(run).checkpoints, 'last')
  if (!run || !checkpoint) throw new Error(`No finished run of ${NAME} below ${root}.`)
  const settings = recordedSettings(findExperiment(experiments, NAME), run.record.config)
  const table = checkpoint.tensors['input.weight']?.data as Float32Array
  return { run: run.id, table, settings, words: runWords({ run, record: run.record }) ?? [] }
}

/** Frequent words and those of the memo, with vectors of length 1. */
function chosen({ table, words }: ReturnType<typeof learned>) {
  const size = table.length / words.length
  const ids = new Set([...ASKED.map(word => words.indexOf(word)).filter(id => id >= 0)])
  for (let id = FIRST; ids.size < WORDS && id < words.length; id++) if (/^[a-z]{2,}/.test(words[id] ?? '')) ids.add(id)
  const list = [...ids].sort((a, b) => a - b)
  const vectors = new Float32Array(list.length * size)
  list.forEach((id, i) => {
    const row = table.subarray(id * size, (id + 1) * size)
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
    vectors.set(row.map(value => value / length), i * size)
  })
  return { words: list.map(id => words[id] as string), vectors, size }
}

/** Centred, and over the largest. */
function within(values: ArrayLike<number>, width: number): Float32Array {
  const all = Float32Array.from(values)
  const middle = Array.from({ length: width }, (_, k) => {
    const column = all.filter((_value, i) => i % width === k)
    return (Math.max(...column) + Math.min(...column)) / 2
  })
  const centred = all.map((value, i) => value - (middle[i % width] as number))
  const most = largest(centred)
  return centred.map(value => value / most)
}

const [root = 'runs'] = process.argv.slice(2)
const run = learned(root)
const { words, vectors, size } = chosen(run)
const { projected, varianceRatio } = pca(vectors, words.length, 3)
const flat = await umap(vectors, words.length, { seed: 1 })
const mapped: MappedWords = {
  words, size, vectors, pca: within(projected, 3), umap: within(flat, 2),
  variance: [...varianceRatio], kept: { pca: 0, umap: 0 },
}
const kept = (map: 'pca' | 'umap') => {
  const counts = words.map((_, id) => keptOnMap(mapped, { ...WORD_MAP_START, map, turn: 0, tip: 0 }, id, 10))
  return counts.reduce((sum, count) => sum + count, 0) / (10 * words.length)
}
const bytes = Float32Array.from(vectors)
for (let from = 0; from < bytes.length; from += size) {
  const row = bytes.subarray(from, from + size)
  const most = largest(row)
  row.forEach((value, d) => (row[d] = value / most))
}
const shares = { pca: kept('pca'), umap: kept('umap') }
const near = (word: string) => neighboursOf(mapped, words.indexOf(word)).map(({ text }) => text).join(' ')
console.log(shares, varianceRatio, ASKED.filter(word => words.includes(word)).map(word => `${word}: ${near(word)}`))
const experiment = findExperiment(experiments, NAME)
const record = wordMapSchema.parse({
  run: run.run,
  experiment: NAME,
  settings: { ...givenSettings(experiment, run.settings), epochs: run.settings.epochs },
  words,
  vectors: bytesOf(bytes),
  size,
  pca: bytesOf(mapped.pca),
  variance: mapped.variance.map(share => Number(share.toFixed(4))),
  umap: bytesOf(mapped.umap),
  kept: { pca: Number(shares.pca.toFixed(4)), umap: Number(shares.umap.toFixed(4)) },
})
await writeFile(new URL('../explain/word-map.json', import.meta.url), `${JSON.stringify(record)}\n`)
