// A model of language that was exported: the program that goes along with it, which knows ONNX Runtime alone, writes
// what the laboratory writes, for characters, bytes and words, up to and beyond what the model sees at once.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { trainTokenizer, type Tokenizer } from '@ddlf/data/tokenizers'
import {
  Embedding, GRU, LearnedPositions, Linear, LSTM, TransformerEncoderLayer, withSeed, type Module,
} from '@ddlf/nn'
import { add, expand, pad, parameter, slice, type Tensor } from '@ddlf/tensor'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { z } from 'zod'
import { printableLines } from '../../src/printable.ts'
import {
  checkTextGenerator, experiment, exportTextGenerator, languageModel, parseSettings, sampleText, TEXT_DEFAULTS,
  textStream, trainingSettings,
} from '../../src/index.ts'

const BLOCK = 12
const TEXT = 'The quick brown fox jumps over the lazy dog; the dog, "lazy"? \u65e5\u672c don\'t 1234 '

class Transformer {
  readonly tokens
  readonly positions = new LearnedPositions(BLOCK, 16)
  readonly layer = new TransformerEncoderLayer(16, 4, { dimFeedforward: 32, dropout: 0, batchFirst: true })
  readonly logits
  constructor(words: number) {
    this.tokens = new Embedding(words, 16)
    this.logits = new Linear(16, words)
  }
  forward(ids: Tensor): Tensor {
    return this.logits.forward(this.layer.forward(this.positions.forward(this.tokens.forward(ids)), { causal: true }))
  }
}

class Recurrent {
  readonly tokens
  readonly rnn = new LSTM(16, 16, { numLayers: 2, batchFirst: true })
  readonly logits
  constructor(words: number) {
    this.tokens = new Embedding(words, 16)
    this.logits = new Linear(16, words)
  }
  forward(ids: Tensor): Tensor {
    return this.logits.forward(this.rnn.forward(this.tokens.forward(ids)).output)
  }
}

/** Begins with a state that it learns. */
class LearnedStart {
  readonly tokens
  readonly rnn = new GRU(16, 16, { batchFirst: true })
  readonly start = parameter(Float32Array.from({ length: 16 }, (_, i) => 2 * Math.sin(5 * i)), [1, 1, 16])
  readonly logits
  constructor(words: number) {
    this.tokens = new Embedding(words, 16)
    this.logits = new Linear(16, words)
  }
  forward(ids: Tensor): Tensor {
    const hidden = expand(this.start, [1, ids.shape[0]!, 16])
    return this.logits.forward(this.rnn.forward(this.tokens.forward(ids), { hidden }).output)
  }
}

/** Adds to each token's vector that of the one before, and keeps nothing of it. */
class Previous {
  readonly tokens
  readonly logits
  constructor(words: number) {
    this.tokens = new Embedding(words, 16)
    this.logits = new Linear(16, words)
  }
  forward(ids: Tensor): Tensor {
    const x = this.tokens.forward(ids)
    const before = slice(pad(x, [[0, 0], [1, 0], [0, 0]]), { axis: 1, end: ids.shape[1]! })
    return this.logits.forward(add(x, before))
  }
}

/** A model of a tokenizer, not trained: what it writes is as good as any other text for a comparison. */
function madeOf(tokenizer: Tokenizer, build: (words: number) => Module) {
  const one = experiment({
    name: 'made',
    title: 'Made',
    question: 'Is it the same?',
    data: textStream({ texts: { train: 'a.txt' }, tokenizer: { alphabet: 'ab' } }),
    config: z.strictObject({ ...trainingSettings.shape, blockSize: z.number().default(BLOCK) }),
    task: languageModel(),
    model: () => build(tokenizer.vocabularySize),
  })
  const settings = parseSettings(one, {})
  return { experiment: one, settings, model: withSeed(2, () => one.model(settings)) }
}

const folderOf = (files: Readonly<Record<string, Uint8Array | string>>): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'text generator '))
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content)
  symlinkSync(fileURLToPath(new URL('../../../../node_modules', import.meta.url)), path.join(folder, 'node_modules'))
  return folder
}
const runScript = async (folder: string, ...words: string[]) =>
  (await promisify(execFile)(process.execPath, [path.join(folder, 'generate.mjs'), ...words])).stdout

const runtime = onnxNodeRuntime({ threads: 1 })
const TOKENIZERS: Record<string, () => Tokenizer> = {
  'characters': () => trainTokenizer([TEXT], { kind: 'characters' }),
  'bytes by GPT-4\u2019s pattern': () => trainTokenizer([TEXT.repeat(3)], { kind: 'bpe', vocabularySize: 300 }),
  'bytes by GPT-2\u2019s pattern': () =>
    trainTokenizer([TEXT.repeat(3)], { kind: 'bpe', vocabularySize: 290, pattern: 'gpt2' }),
  'words': () => trainTokenizer([TEXT.repeat(3)], { kind: 'words' }),
  'words without capitals': () => trainTokenizer([TEXT.repeat(3)], { kind: 'words', lowercase: true }),
}

const PROMPTS: Record<string, string> = {
  'words': 'the lazy dog', 'words without capitals': "The DOG DON'T constructor",
}

describe.each(Object.keys(TOKENIZERS))('a generator of %s', name => {
  const tokenizer = TOKENIZERS[name]!()
  const made = madeOf(tokenizer, words => new Transformer(words))
  const prompt = PROMPTS[name] ?? 'The dog, "lazy"? don\'t \u65e5 12'

  it('writes the same text elsewhere', async () => {
    const generator = exportTextGenerator(made, tokenizer)
    expect(Object.keys(generator.files)).toEqual(['decoder.onnx', 'generator.json', 'tokenizer.json', 'generate.mjs'])
    expect(await checkTextGenerator(made, generator, { runtime, run: runOnnxModel })).toBeLessThan(1e-5)
    const folder = folderOf(generator.files)
    const cases = [
      {},
      { temperature: 0 },
      { temperature: 1, seed: 0 },
      { temperature: 0.8, topK: 9, topP: 0.9, seed: 3 },
    ]
    for (const given of cases) {
      let text = ''
      const asked = { runtime, tokenizer, prompts: [prompt], ...TEXT_DEFAULTS, tokens: 40, ...given }
      for await (const [piece] of sampleText(made, asked)) text += piece!
      const options = Object.entries(given).flatMap(([key, value]) => [
        `--${key.replace(/[A-Z]/, letter => `-${letter.toLowerCase()}`)}`, String(value),
      ])
      const written = await runScript(folder, '--prompt', prompt, '--tokens', '40', ...options)
      expect(written, JSON.stringify(given)).toBe(printableLines(`${prompt}${text}\n`))
    }
  })
})

it.each([
  ['its state', Recurrent], ['a first state of its own', LearnedStart],
])('a recurrent model hands on %s', async (_, Model) => {
  const tokenizer = TOKENIZERS['characters']!()
  const made = madeOf(tokenizer, words => new Model(words))
  const generator = exportTextGenerator(made, tokenizer)
  expect(await checkTextGenerator(made, generator, { runtime, run: runOnnxModel })).toBeLessThan(1e-5)
  const folder = folderOf(generator.files)
  let text = ''
  const asked = { runtime, tokenizer, prompts: ['fox'], ...TEXT_DEFAULTS, tokens: 30, seed: 4 }
  for await (const [piece] of sampleText(made, asked)) text += piece!
  expect(await runScript(folder, '--prompt', 'fox', '--tokens', '30', '--seed', '4')).toBe(`fox${text}\n`)
})

it('a model that keeps nothing of earlier tokens is not handed on', async () => {
  const tokenizer = TOKENIZERS['characters']!()
  const made = madeOf(tokenizer, words => new Previous(words))
  const generator = exportTextGenerator(made, tokenizer)
  await expect(checkTextGenerator(made, generator, { runtime, run: runOnnxModel })).rejects.toThrow(
    /text generator for other programs needs a model that keeps what it needs/,
  )
})

describe('the program', () => {
  const tokenizer = TOKENIZERS['characters']!()
  const made = madeOf(tokenizer, words => new Transformer(words))
  const folder = folderOf(exportTextGenerator(made, tokenizer).files)

  it('takes ids and gives ids', async () => {
    const { ids } = tokenizer.encode('dog')
    const written = await runScript(folder, '--ids', ids.join(), '--tokens', '5', '--temperature', '0', '--print-ids')
    expect(written.trim().split(',')).toHaveLength(5)
    expect(tokenizer.decode(written.trim().split(',').map(Number))).toBe(
      (await runScript(folder, '--prompt', 'dog', '--tokens', '5', '--temperature', '0')).slice(3, -1),
    )
  })

  it.each([
    [['--prompt', '#'], /does not know "#"/],
    [['--temperature', 'warm'], /--temperature takes a number from 0/],
    [['--top-p', '1.5'], /--top-p takes a number from 0 to 1/],
    [['--ids', '999'], /^--ids takes whole numbers from 0 to \d+ with commas between, not 999\.\n$/],
    [['--ids', '1,,2'], /--ids takes whole numbers/],
    [['--ids', '1,b'], /--ids takes whole numbers/],
    [['--ids=-1'], /--ids takes whole numbers/],
    [['--ids', '1', '--prompt', 'dog'], /--prompt or --ids, not both/],
    [['--token', '1'], /^Unknown option '--token'[^]*generate\.mjs --help\n$/],
    [['--tokens'], /^Option '--tokens <value>' argument missing\n/],
  ] as const)('refuses %s', async (words, message) => {
    await expect(runScript(folder, ...words)).rejects.toMatchObject({
      code: 1, stderr: expect.stringMatching(message) as string,
    })
  })

  it('says what it takes', async () => {
    const said = await runScript(folder, '--help')
    expect(said).toContain(`--temperature <temperature> (default: ${TEXT_DEFAULTS.temperature})`)
  })

  it('has lines that fit a page', () => {
    const lines = readFileSync(path.join(folder, 'generate.mjs'), 'utf8').split('\n')
    expect(lines.filter(line => line.length > 120)).toEqual([])
  })
})
