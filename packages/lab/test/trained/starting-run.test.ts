// A training that starts from a run of another experiment: vectors of words, found word by word.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { createLoader } from '@ddlf/data'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { findLearningRate } from '../../src/index.ts'
import { parseSettings, vectorsByWord } from '../../src/experiments.ts'
import { loadTrainingData } from '../../src/data-source/node/training-data.ts'
import { runTrainingJob } from '../../src/jobs/run-training-job.ts'
import type { TrainingJob } from '../../src/jobs/training-job.ts'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../src/runs/run-folder.ts'
import { openRun } from '../../src/runs/run-reference.ts'
import { memoryRunStore } from '../../src/runs/run-store.ts'
import type { TrainEvent } from '../../src/train/events.ts'
import { train } from '../../src/train/train.ts'
import { missingRuns } from '../../src/trained/node/needed-runs.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'
import { bookVectors, mailsByVectors } from './vector-experiments.ts'

vi.setConfig({ testTimeout: 240_000 })
const module = pathToFileURL(fileURLToPath(new URL('./vector-experiments.ts', import.meta.url))).href

const table = (rows: readonly (readonly number[])[]) =>
  ({ shape: [rows.length, rows[0]?.length ?? 0], dtype: 'float32', data: Float32Array.from(rows.flat()) }) as const

describe('vectors by word', () => {
  const offered = (own: readonly string[], learned: readonly string[], vectors: readonly (readonly number[])[]) => ({
    // Row 0 fills up, row 1 is any word that is not known.
    own: { 'words.weight': table([[0, 0], [0.5, -0.5], ...own.map((_, i) => [0.5 * (-1) ** i, 0.5])]) },
    other: { 'input.weight': table(vectors) },
    artifacts: {
      own: () => JSON.stringify(own),
      other: () => JSON.stringify({ words: learned, counts: learned.map(() => 1) }),
    },
  })
  const bring = vectorsByWord({ into: 'words.weight', others: true })

  it('are put where the word stands, and the others keep their random numbers with the variance of the vectors', () => {
    const { tensors, said } = bring(offered(['good', ',', 'bad'], ['bad', 'ship', 'good'], [[3, -1], [9, 9], [1, -3]]))
    const values = [...tensors['words.weight']!.data]
    expect(values.slice(4, 6)).toEqual([1, -3])
    expect(values.slice(8, 10)).toEqual([3, -1])
    expect(values.slice(0, 2)).toEqual([0, 0])
    // Those of 1, -3, 3, -1 and of .5, -.5, .5, .5, -.5, .5, .5, .5: sqrt(20 / 3) and sqrt(1.5 / 7).
    const scale = Math.sqrt(20 / 3 / (1.5 / 7))
    for (const [i, was] of [[2, 0.5], [3, -0.5], [6, -0.5], [7, 0.5]] as const)
      expect(values[i]).toBeCloseTo(was * scale, 5)
    expect(said).toBe('2 of 3 words begin with a vector of that run, the others at random')
  })

  it('are asked for by options that there are', () => {
    const misspelt = { into: 'words.weight', others: true, other: false }
    expect(() => vectorsByWord(misspelt)).toThrow(/other/)
  })

  it('of another size, or of none of the words, are refused', () => {
    expect(() => bring(offered(['good'], ['good'], [[1, 2, 3]]))).toThrow(/as many numbers[^]*3 for 2/)
    expect(() => bring(offered(['good'], ['ship'], [[1, 2]]))).toThrow(/at least one word[^]*1 word, none among/)
  })
})

/** Trains as the training thread does; stops after the first checkpoint where that is asked for. */
async function run(root: string, task: TrainingJob['task'], stops = false) {
  const events: TrainEvent[] = []
  const stop = new AbortController()
  let name = ''
  await runTrainingJob({ experimentsModule: module, root, task, threads: 1 }, message => {
    if (message.kind === 'folder')
      name = `${path.basename(path.dirname(message.folder))}/${path.basename(message.folder)}`
    if (message.kind !== 'event') return
    events.push(message.event)
    if (stops && message.event.kind === 'checkpoint') stop.abort()
  }, stop.signal)
  return { events, last: events.at(-1), name }
}
const start = (experiment: string, settings: Readonly<Record<string, unknown>> = {}) =>
  ({ kind: 'start', experiment, settings, command: ['a test'] }) as const

function tensorsOf(root: string, name: string) {
  const found = openRun(root, name)
  const record = readRunRecord(found)
  const artifact = (file: string) =>
    JSON.parse(fs.readFileSync(path.join(runPaths(found).artifacts, file), 'utf8')) as unknown
  return { record, artifact, tensors: loadCheckpoint(runPaths(found).checkpoints, 'last', record)!.tensors }
}

/** For each word of the mails that the book has: its vector in the book, and in the model of mails. */
function pairsOf(root: string, book: string, mails: string) {
  const [from, to] = [tensorsOf(root, book), tensorsOf(root, mails)]
  const { words } = from.artifact('words.json') as { readonly words: readonly string[] }
  const rowOf = (values: ArrayLike<number>, row: number) => Array.from(values).slice(6 * row, 6 * row + 6)
  return (to.artifact('vocabulary.json') as readonly string[]).flatMap((word, i) => {
    const at = words.indexOf(word)
    if (at < 0) return []
    return [[rowOf(from.tensors['input.weight']!.data, at), rowOf(to.tensors['words.weight']!.data, 2 + i)] as const]
  })
}

describe('a run that starts from a run of another experiment', () => {
  it('says how to train that where there is none, and leaves no run behind', async () => {
    const root = temporaryFolder()
    const { last } = await run(root, start('mails-by-vectors', { vectors: 'static' }))
    expect(last).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(
        /mails-by-vectors starts from a completed run of book-vectors[^]*train book-vectors --set seed=3/,
      ) as string,
    })
    expect(fs.existsSync(path.join(root, 'mails-by-vectors'))).toBe(false)
    const needed = (vectors: string) => missingRuns(root, mailsByVectors, parseSettings(mailsByVectors, { vectors }))
    expect(needed('trained')).toMatchObject([{ role: 'start', experiment: { name: 'book-vectors' } }])
    expect(needed('random')).toEqual([])
  })

  it('keeps its vectors or trains them on, names the run, and goes on with what it began with', async () => {
    const root = temporaryFolder()
    const book = await run(root, start('book-vectors', { seed: 3 }))
    expect(book.last).toMatchObject({ kind: 'done', status: 'completed' })
    const fixed = await run(root, start('mails-by-vectors', { vectors: 'static' }))
    expect(fixed.last).toMatchObject({ kind: 'done', status: 'completed' })
    const { record } = tensorsOf(root, fixed.name)
    expect(Object.keys(record.data)).toContain(`from/${book.name}`)
    const told = fixed.events.find(event => event.kind === 'start') as unknown as { readonly notes: string[] }
    const pairs = pairsOf(root, book.name, fixed.name)
    expect(pairs.length).toBeGreaterThan(100)
    expect(told.notes).toContainEqual(expect.stringContaining(`${pairs.length} of `))
    for (const [learned, now] of pairs) expect(now).toEqual(learned)

    const whole = await run(root, start('mails-by-vectors', { vectors: 'trained' }))
    const moved = pairsOf(root, book.name, whole.name)
    expect(moved.some(([learned, now]) => now.some((value, i) => value !== learned[i]))).toBe(true)
    for (const [learned, now] of moved) now.forEach((value, i) => expect(Math.abs(value - learned[i]!)).toBeLessThan(1))
    const stopped = await run(root, start('mails-by-vectors', { vectors: 'trained' }), true)
    expect(stopped.last).toMatchObject({ kind: 'done', status: 'stopped' })
    // What is needed no more may go.
    fs.rmSync(path.join(root, book.name), { recursive: true })
    const resumed = await run(root, { kind: 'resume', run: stopped.name })
    expect(resumed.last).toMatchObject({ kind: 'done', status: 'completed' })
    const [one, other] = [whole, stopped].map(({ name }) => tensorsOf(root, name).tensors['words.weight']!.data)
    expect([...other!]).toEqual([...one!])
  })

  it('is refused where nobody looks for that run', async () => {
    const settings = parseSettings(mailsByVectors, { vectors: 'static' })
    const data = await loadTrainingData(mailsByVectors, settings)
    const runtime = onnxNodeRuntime({ threads: 1 })
    const given = { experiment: mailsByVectors, settings: data.settings, train: data.train, runtime }
    const events: TrainEvent[] = []
    const store = memoryRunStore('mails-by-vectors/in-a-page')
    for await (const event of train({ ...given, ...(data.test && { test: data.test }), store, createLoader }))
      events.push(event)
    const refusal = /mails-by-vectors starts from a run of book-vectors[^]*in a page[^]*train mails-by-vectors/
    expect(events).toMatchObject([{ kind: 'failed', message: expect.stringMatching(refusal) as string }])
    await expect(findLearningRate({ ...given, ...(data.test && { test: data.test }) })).rejects.toThrow(refusal)
  })
})

it('names what vectors it starts from by settings that the other experiment has', () => {
  for (const vectors of ['static', 'trained'])
    expect(parseSettings(bookVectors, { dimensions: 6, seed: 3 })).toMatchObject(
      mailsByVectors.startsFrom!.settings(parseSettings(mailsByVectors, { vectors }))!)
})
