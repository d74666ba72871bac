// A model of language as files that make texts elsewhere: one token as an ONNX graph with its caches, the tokenizer,
// and a program that needs ONNX Runtime alone.
import { tokenGraph, withMode, type Module } from '@ddlf/nn'
import { wordCut, type Tokenizer } from '@ddlf/data/tokenizers'
import {
  allocate, graph as graphOf, input, lowerInference, sizeOf, UserError, type OnnxModel, type Runtime, type Tensor,
} from '@ddlf/tensor'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { KeepsTooLittle, sameLogits } from '../../generation/decoding-check.ts'
import { firstToken } from '../../generation/generate-text.ts'
import { dataOf } from '../../generation/leaf-data.ts'
import { TEXT_DEFAULTS } from '../../generation/text-defaults.ts'
import { exportMetadata, type ExportedModel, type ModelRunner } from '../export-model.ts'
import { textViewOf } from '../sample-text.ts'
import { GENERATE_SCRIPT } from './generate-script.ts'

/** A model that makes texts, as files by name. */
export interface TextGenerator {
  readonly onnx: OnnxModel
  readonly files: Readonly<Record<string, Uint8Array | string>>
}

/** The graph's inputs that are the same at every token, by what they are. */
const FED = ['token', 'positions', 'random', 'inverseTemperature', 'topP', 'topK'] as const

const built = (exported: ExportedModel) => {
  const { model, settings } = exported
  const view = textViewOf(exported)
  const capacity = view.capacity(settings)
  const logits = (one: Module, tokens: Tensor) => view.logits(one, tokens)
  return {
    capacity, whole: (tokens: Tensor) => logits(model, tokens), ...tokenGraph({ model, logits, batch: 1, capacity }),
  }
}

/**
 * `decoder.onnx`: one token of a text; inputs and outputs are named in `generator.json`. `tokenizer.json`: as Hugging
 * Face's libraries read it. `generate.mjs`: a program for Node that makes the same text as `ddlf sample`, given the
 * same seed.
 * @throws UserError where the model is none of language
 */
export function exportTextGenerator(exported: ExportedModel, tokenizer: Tokenizer): TextGenerator {
  const { graph, state, capacity } = built(exported)
  const kept = state.slice(2)
  const outputs = ['next_token', 'next_positions', ...kept.map(({ name }) => `next_${name}`), 'logits']
  const metadata = {
    ...exportMetadata(exported),
    'ddlf.preprocessing': 'a token of a text and its position; see generator.json, and tokenizer.json for the ids',
  }
  const onnx = lowerInference(() => graph, { outputs, metadata, batch: 1 })
  const vocabulary = graph.outputs.at(-1)?.shape[1] ?? 0
  const nameAt = (input: (typeof FED)[number]) =>
    onnx.inputNames[graph.inputs.findIndex(({ leaf }) => leaf?.name === input)] ?? input
  const config = {
    format: '30ddlf text generator', version: 1, model: 'decoder.onnx', tokenizer: 'tokenizer.json',
    capacity, vocabulary, firstToken: firstToken(tokenizer),
    inputs: Object.fromEntries(FED.map(name => [name, nameAt(name)])),
    outputs: { token: 'next_token', logits: 'logits' },
    state: kept.map(({ name, shape, dtype }) => ({ input: name, output: `next_${name}`, shape, dtype })),
    words: wordCut(tokenizer) ?? null, defaults: TEXT_DEFAULTS,
  }
  return {
    onnx,
    files: {
      'decoder.onnx': onnx.bytes,
      'generator.json': `${JSON.stringify(config, null, 2)}\n`,
      'tokenizer.json': tokenizer.toJson(),
      'generate.mjs': GENERATE_SCRIPT,
    },
  }
}

/** Tokens that an exported generator is tried on. */
const TRIED = 8

/** A token that was read and what was made of it. */
interface Tried {
  readonly read: number
  readonly token: number
  readonly logits: Float32Array
}

/** Runs the graph of one token from a text's beginning; also lists what it was fed, by names of the exported file. */
async function tryTokens(
  { graph, state, capacity }: ReturnType<typeof built>, { onnx }: TextGenerator, runtime: Runtime,
): Promise<{ tried: Tried[]; feeds: Parameters<ModelRunner>[1] }> {
  const executable = await runtime.compile(graph)
  const feeds: Parameters<ModelRunner>[1][number][] = []
  const tried: Tried[] = []
  const isFed = ({ leaf }: Tensor) => leaf?.kind === 'input'
  try {
    let kept = state.map(({ shape, dtype }) => allocate(dtype, sizeOf(shape)))
    for (let i = 0; i < Math.min(TRIED, capacity); i++) {
      const read = kept[0]?.[0] as number
      const random = Float32Array.of(uniformAt(randomKey(0, 'token', i), 0))
      const fresh = [random, Float32Array.of(1.25), Float32Array.of(0.95), Int32Array.of(2 ** 30)]
      const arrays = [...kept, ...fresh, ...graph.inputs.slice(kept.length + fresh.length).map(dataOf)]
      const fed = graph.inputs.map((leaf, k) => ({ leaf, data: arrays[k] })).filter(({ leaf }) => isFed(leaf))
      feeds.push(
        Object.fromEntries(
          fed.map(({ leaf: { dtype, shape }, data }, k) => [onnx.inputNames[k], { dtype, shape, data }]),
        ) as (typeof feeds)[number],
      )
      const outputs = await executable.run(arrays)
      kept = outputs.slice(0, kept.length)
      tried.push({ read, token: (outputs[0] as Int32Array)[0] as number, logits: outputs.at(-1) as Float32Array })
    }
  } finally {
    await executable.release()
  }
  return { tried, feeds }
}

/** @throws UserError where the whole text gives other logits than its tokens one by one */
async function requireWholePass(
  { whole }: ReturnType<typeof built>, tried: readonly Tried[], runtime: Runtime,
): Promise<void> {
  const tokens = input('tokens', { shape: [1, tried.length], dtype: 'int32' })
  const { output } = withMode({ training: false }, () => whole(tokens))
  const graph = graphOf('whole', [tokens], [output])
  const executable = await runtime.compile(graph)
  try {
    const read = Int32Array.from(tried, one => one.read)
    const [logits] = await executable.run([read, ...graph.inputs.slice(1).map(dataOf)])
    const oneByOne = tried.flatMap(one => [...one.logits])
    if (!sameLogits(oneByOne, logits as Float32Array)) throw new KeepsTooLittle('A text generator for other programs')
  } finally {
    await executable.release()
  }
}

/**
 * Runs an exported graph beside the engine, token by token, and both beside the model's pass over the whole text.
 * @returns the largest difference of a logit, relative to the largest logit where that is above 1
 * @throws UserError where it is above 1e-4 or another token is drawn: such a file must not be handed on
 * @throws KeepsTooLittle where the whole text gives something else: the model reads all of it for each token
 */
export async function checkTextGenerator(
  exported: ExportedModel,
  generator: TextGenerator,
  { runtime, run }: { readonly runtime: Runtime; readonly run: ModelRunner },
): Promise<number> {
  const passes = built(exported)
  const { tried: expected, feeds } = await tryTokens(passes, generator, runtime)
  await requireWholePass(passes, expected, runtime)
  const { onnx } = generator
  const results = await run(onnx.bytes, feeds)
  const differences = expected.map(({ token, logits }, i) => {
    const other = results[i]?.['logits']?.data ?? new Float32Array()
    const scale = logits.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    const away = logits.reduce((most, value, k) => Math.max(most, Math.abs(value - (other[k] ?? Infinity)) / scale), 0)
    return results[i]?.['next_token']?.data[0] === token && !Number.isNaN(away) ? away : Infinity
  })
  const worst = Math.max(...differences)
  if (worst <= 1e-4) return worst
  throw new UserError({
    rule: 'The exported text generator does not give what the trained model gives.',
    received: `logits that differ by ${worst}`,
    next: 'Please report this with the run.json of the run.',
  })
}
