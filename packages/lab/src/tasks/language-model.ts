// The task of predicting the next token of a text at every position, and of going on with a text.
import { UserError } from '@ddlf/tensor/errors'
import { cast, greaterEqual, sum, type Tensor } from '@ddlf/tensor'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { crossEntropy, type Module } from '@ddlf/nn'
import { softmaxRows } from '../analysis/classification/predictions.ts'
import { encodeCharacters } from '../data-source/character-windows.ts'
import type { Metric } from '../experiment/metric.ts'
import { total, type SampleOptions, type Task, type TaskViews } from './task.ts'

/** Settings that the task reads. */
export interface LanguageModelSettings {
  /** Tokens that the model sees at once. */
  readonly blockSize: number
}

const loss: Metric = { name: 'loss', title: 'loss', unit: 'nats per character', better: 'lower', format: 'fixed' }
const perplexity: Metric = { name: 'perplexity', title: 'perplexity', unit: '', better: 'lower', format: 'fixed' }

/** Draws a token from logits over the vocabulary. @param random uniform in (0, 1) */
export function drawToken(logits: Float32Array, temperature: number, random: number): number {
  if (!(temperature >= 0))
    throw new UserError({ rule: 'The temperature of a sample must be 0 or more.', received: String(temperature) })
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity)
  if (temperature === 0) return logits.indexOf(largest)
  const shares = softmaxRows(
    logits.map(value => value / temperature),
    logits.length,
  )
  let left = random
  for (const [token, share] of shares.entries()) {
    left -= share
    if (left < 0) return token
  }
  return logits.indexOf(largest)
}

/** Goes on with a text, a character at a time; the model sees the last `blockSize` of them. */
async function* sample(
  forward: Parameters<NonNullable<TaskViews<LanguageModelSettings>['sample']>>[0],
  { blockSize }: LanguageModelSettings,
  { prompt, length, temperature, seed }: SampleOptions,
  alphabet: string,
): AsyncGenerator<string, void> {
  const characters = Array.from(alphabet)
  // A model needs something to go on from: a new line begins nothing else.
  const tokens = [...encodeCharacters(prompt === '' ? (characters[0] ?? '') : prompt, alphabet)]
  for (let i = 0; i < length; i++) {
    const seen = tokens.slice(-blockSize)
    const input = new Int32Array(blockSize)
    // Positions behind the last are not seen by those before them.
    input.set(seen)
    const { logits } = await forward(input)
    if (!logits) throw new UserError({ rule: 'A language model gives logits.', received: 'none' })
    const row = logits.data.slice((seen.length - 1) * characters.length, seen.length * characters.length)
    const token = drawToken(row, temperature, uniformAt(randomKey(seed, 'sample', i), 0))
    tokens.push(token)
    yield characters[token] ?? ''
  }
}

/**
 * Language modelling over the columns `tokens` and `targets`, int32 [blockSize]: the mean cross-entropy of the next token.
 * @param options.alphabet the characters by the numbers of their tokens
 */
export function languageModel(options: { readonly alphabet: string }): Task<LanguageModelSettings> {
  const { alphabet } = options
  const outputs = (model: Module, tokens: Tensor) => ({ logits: model.forward(tokens) })
  return {
    name: 'language model',
    phases: () => [
      {
        name: 'next token',
        columns: ['tokens', 'targets'],
        loss: (model, { tokens, targets }) => ({
          loss: crossEntropy(model.forward(tokens as Tensor), targets as Tensor, { ignoreIndex: null }),
          metrics: {},
        }),
      },
    ],
    input: 'tokens',
    outputs,
    evaluate: {
      columns: ['tokens', 'targets'],
      compute(model, { tokens, targets }) {
        const { logits } = outputs(model, tokens as Tensor)
        return {
          sums: {
            loss: crossEntropy(logits, targets as Tensor, { ignoreIndex: null, reduction: 'sum' }),
            tokens: sum(cast(greaterEqual(targets as Tensor, 0), 'float32')),
          },
        }
      },
      metrics(sums) {
        const mean = total(sums, 'loss') / total(sums, 'tokens')
        return { loss: mean, perplexity: Math.exp(mean) }
      },
    },
    metrics: [loss, perplexity],
    monitor: loss,
    views: { sample: (forward, settings, how) => sample(forward, settings, how, alphabet) },
  }
}
