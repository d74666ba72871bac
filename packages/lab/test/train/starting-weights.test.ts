// A training that begins with the weights of another run: what fits is taken, what does not is said.
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { Linear, Sequential, stateDict, type Module } from '@ddlf/nn'
import { z } from 'zod'
import { inMemory } from '../../src/data-source/arrays.ts'
import { experiment, parseSettings, regression, trainingSettings } from '../../src/index.ts'
import { loadCheckpoint } from '../../src/runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../src/runs/run-folder.ts'
import { openRun } from '../../src/runs/run-reference.ts'
import { runTrainingJob } from '../../src/jobs/run-training-job.ts'
import type { FromTrainer, TrainingJob } from '../../src/jobs/training-job.ts'
import { takeWeights } from '../../src/train/starting-weights.ts'
import type { TrainEvent } from '../../src/train/events.ts'
import { temporaryFolder } from '../runs/temporary-folder.ts'

vi.setConfig({ testTimeout: 120_000 })
const module = pathToFileURL(fileURLToPath(new URL('../jobs/made-experiments.ts', import.meta.url))).href

const clouds = experiment({
  name: 'clouds',
  title: 'Clouds',
  question: 'Where?',
  data: inMemory('clouds', { train: { name: 'none', length: 0, columns: {} } }),
  config: z.strictObject({ ...trainingSettings.shape, heads: z.number().default(4), width: z.number().default(8) }),
  task: regression(),
  model: () => new Linear(2, 2),
})

describe('weights of another run', () => {
  const take = (model: Module, given: object, there: object = {}): readonly string[] =>
    takeWeights(model, {
      experiment: clouds,
      settings: parseSettings(clouds),
      start: { run: 'a/1', tensors, averaged: false, config: { ...parseSettings(clouds), ...there }, ...given },
    })
  const other = new Sequential(new Linear(3, 4), new Linear(4, 2))
  const tensors = stateDict(other)
  it('are taken by name where the shapes are the same, and the rest stays as it was', () => {
    const model = new Sequential(new Linear(3, 4), new Linear(4, 5))
    const before = stateDict(model)['1.weight']!.data.slice()
    expect(take(model, {})).toEqual([
      'starts from a/1: 2 of 4 parameters and buffers; left as they begin: ' +
        '1.weight of shape [5, 4], there [2, 4], 1.bias of shape [5], there [2]',
    ])
    const now = stateDict(model)
    expect([now['0.weight']!.data, now['1.weight']!.data]).toEqual([tensors['0.weight']!.data, before])
  })
  it('are their averages where the run evaluates those', () => {
    const model = new Sequential(new Linear(3, 4), new Linear(4, 2))
    const average = { ...tensors['0.bias']!, data: Float32Array.of(7, 8, 9, 10) }
    take(model, { tensors: { ...tensors, 'ema/0.bias': average }, averaged: true })
    expect([...stateDict(model)['0.bias']!.data]).toEqual([7, 8, 9, 10])
  })
  it('that mean something else by other settings of the model are told of', () => {
    const model = new Sequential(new Linear(3, 4), new Linear(4, 2))
    expect(take(model, {}, { heads: 2, learningRate: 7, unheard: 1 })[1])
      .toBe('has other settings than the run that it starts from: heads=4 (there 2)')
    expect(take(model, {})).toHaveLength(1)
  })
  it('of which none fit are refused, with the sizes that would', () => {
    expect(() => take(new Linear(3, 4), {})).toThrow(
      /at least one parameter[^]*a\/1: weight, which it does not have, bias[^]*Start from a run of the same experiment\.$/,
    )
    expect(() => take(new Linear(3, 4), {}, { heads: 2, width: 16 })).toThrow(/that run: --set heads=2 --set width=16$/)
  })
})

describe('a run from another run', () => {
  async function run(root: string, task: TrainingJob['task']): Promise<{ events: TrainEvent[]; name: string }> {
    const events: TrainEvent[] = []
    let name = ''
    const hear = (message: FromTrainer) => {
      if (message.kind === 'event') events.push(message.event)
      else name = `${path.basename(path.dirname(message.folder))}/${path.basename(message.folder)}`
    }
    await runTrainingJob({ experimentsModule: module, root, task, threads: 1 }, hear, new AbortController().signal)
    return { events, name }
  }
  const start = (settings: Readonly<Record<string, unknown>>, from?: string) =>
    ({
      kind: 'start',
      experiment: 'letters',
      settings,
      command: ['a test'],
      ...(from !== undefined && { from }),
    }) as const

  it('begins with its weights and its tokenizer, and records both', async () => {
    const root = temporaryFolder()
    const [first, second] = ['the cat sat on the mat. ', 'the mat sat on a cat. '].map((text, i) => {
      const file = path.join(root, `${i}.txt`)
      fs.writeFileSync(file, text.repeat(20))
      return file
    }) as [string, string]
    const settings = { steps: 40, evaluateEvery: 20, blockSize: 8, learningRate: 0.1 }
    const one = await run(root, start({ ...settings, data: first }))
    // A rate of nearly nothing: what is there at the end is what it began with.
    const still = { ...settings, steps: 20, learningRate: 1e-12 }
    const two = await run(root, start({ ...still, data: second }, one.name))
    for (const { events } of [one, two]) expect(events.at(-1)).toMatchObject({ kind: 'done', status: 'completed' })
    const opened = [one, two].map(({ name }) => openRun(root, name))
    const [before, after] = opened.map(found => {
      const record = readRunRecord(found)
      return { record, tensors: loadCheckpoint(runPaths(found).checkpoints, 'last', record)!.tensors }
    })
    for (const name of ['tokens.weight', 'logits.weight']) {
      const now = after!.tensors[name]!.data
      Array.from(before!.tensors[name]!.data).forEach((value, i) => expect(now[i]).toBeCloseTo(value, 6))
    }
    expect(Object.keys(after!.record.data)).toContain(`from/${one.name}`)
    const kept = opened.map(found => fs.readFileSync(path.join(runPaths(found).artifacts, 'tokenizer.json'), 'utf8'))
    expect(kept[1]).toBe(kept[0])
    const told = two.events.find(event => event.kind === 'start') as unknown as { notes: string[] }
    expect(told.notes).toContainEqual(expect.stringMatching(/^starts from letters\/.*: 3 of 3 parameters and buffers$/))
    // Other tokens have other rows: nothing fits, and no run is left behind.
    const runs = fs.readdirSync(path.join(root, 'letters'))
    const away = await run(root, start({ ...still, data: second, tokenizer: 'bpe', vocabularySize: 260 }, one.name))
    expect(away.events.at(-1)).toMatchObject({
      kind: 'failed',
      message: expect.stringMatching(
        /at least one parameter[^]*tokens.weight of shape \[260, 8\], there \[11/,
      ) as string,
    })
    expect(fs.readdirSync(path.join(root, 'letters'))).toEqual(runs)
  })
})
