// Language models by counting: how often each token followed the few before it.
import { UserError } from '@ddlf/tensor/errors'
import {
  add, cast, concat, greater, greaterEqual, lessEqual, maximum, mul, reshape, slice, sub, sum, takeAlongAxis,
  unsqueeze, where, type Tensor,
} from '@ddlf/tensor'
import { isStream, startOf, sizeOf, stepOf, type Dataset } from '@ddlf/data'
import { crossEntropy, currentDecoding, Embedding, init, keptState, type Decoding } from '@ddlf/nn'
import { languageModel, type LanguageModelSettings } from '../language-model.ts'
import { total, type Task } from '../task.ts'
import { otherModel } from './other-model.ts'

/** Settings that the task reads. */
export interface NgramSettings extends LanguageModelSettings {
  /** Added to every count, so that nothing is impossible; 0: what was never seen has no probability. */
  readonly smoothing: number
}

/** Most numbers of a table: 256 MiB. */
const MOST = 2 ** 26

/**
 * Logarithms of the probability of the next token after each context of up to `order` - 1 tokens. At the beginning of a
 * window, where fewer are known, a table of shorter contexts answers.
 */
export class Ngram {
  /** Table k: the next token after k tokens, float32 [vocabulary^k, vocabulary]. */
  readonly tables: readonly Embedding[]

  /** @throws UserError where the largest table would not fit into memory */
  constructor(
    readonly vocabulary: number,
    readonly order: number,
  ) {
    if (vocabulary ** order > MOST) {
      throw new UserError({
        rule: `Tables of all contexts may hold ${MOST} numbers at most.`,
        received: `${vocabulary} tokens to the power of ${order}`,
        next: 'Choose a smaller order, or fewer tokens.',
      })
    }
    const zeros = { init: init.constant(0) }
    this.tables = Array.from({ length: order }, (_, k) => new Embedding(vocabulary ** k, vocabulary, zeros))
  }

  /** @param x int32 [N, T] @returns logits [N, T, vocabulary] */
  forward(x: Tensor): Tensor {
    const decoding = currentDecoding()
    if (decoding && this.order > 2) {
      const older = keptState([x.shape[0] ?? 1, this.order - 2])
      if (!decoding.lengths) return this.#next(x, decoding, older)
      older.keep(this.#lastOf(x, decoding.lengths))
    }
    return this.#all(x)
  }

  /** The last tokens of prompts, the newest first: float32 [N, order - 2]. */
  #lastOf(x: Tensor, lengths: Tensor): Tensor {
    const places = Array.from({ length: this.order - 2 }, (_, j) => unsqueeze(maximum(sub(lengths, j + 1), 0), 1))
    return cast(takeAlongAxis(x, concat(places, 1), 1), 'float32')
  }

  /** The token after one that is read, from it and those that were kept. @param x int32 [N, 1] */
  #next(x: Tensor, { positions }: Decoding, older: ReturnType<typeof keptState>): Tensor {
    const before = cast(older.present, 'int32')
    const known = reshape(add(positions, 1), [-1, 1, 1])
    let context = x
    let logits = (this.tables[1] as Embedding).forward(context)
    for (let k = 2; k < this.order; k++) {
      const token = slice(before, { axis: 1, start: k - 2, end: k - 1 })
      context = add(context, mul(token, this.vocabulary ** (k - 1)))
      const longer = (this.tables[k] as Embedding).forward(context)
      logits = where(lessEqual(known, k - 1), logits, longer)
    }
    const kept = concat([x, before], 1)
    older.keep(cast(slice(kept, { axis: 1, end: this.order - 2 }), 'float32'))
    return logits
  }

  /** @param x int32 [N, T] */
  #all(x: Tensor): Tensor {
    const [, length = 0] = x.shape
    // The number of each context: its tokens as digits, the last one as the lowest.
    let context = mul(x, 0)
    let digit = 1
    const parts: Tensor[] = []
    for (let k = 0; k < this.order; k++) {
      if (k > 0) {
        const from = Math.min(k - 1, length)
        // The context ends at position t, so its k-th last token is at t - k + 1.
        const older = slice(x, { axis: 1, end: length - from })
        context = add(slice(context, { axis: 1, start: k === 1 ? 0 : 1 }), mul(older, digit))
        digit *= this.vocabulary
      }
      const logits = (this.tables[k] as Embedding).forward(context)
      // Position t knows t + 1 tokens; all that know more use the longest contexts.
      if (k === this.order - 1) parts.push(logits)
      else if (k > 0) parts.push(slice(logits, { axis: 1, end: 1 }))
      if (k >= length) break
    }
    return parts.length === 1 ? (parts[0] as Tensor) : concat(parts, 1)
  }
}

/** The token sequences of a data set, with their targets: a stream that its windows cover as one, else one a window. */
export function* sequencesOf({ name, length, columns }: Dataset): Generator<Int32Array, void> {
  const { tokens, targets } = columns
  if (!tokens || !targets) {
    throw new UserError({
      rule: 'Tokens are counted in the columns tokens and targets.',
      received: `${name} with ${Object.keys(columns).join(', ') || 'none'}`,
    })
  }
  const size = sizeOf(tokens.shape)
  const sequence = (from: number, count: number) => {
    const whole = new Int32Array(count + 1)
    whole.set((tokens.data as Int32Array).subarray(from, from + count))
    whole[count] = targets.data[from + count - 1] as number
    return whole
  }
  if (isStream(tokens) && !tokens.starts && stepOf(tokens) <= size) {
    yield sequence(0, (length - 1) * stepOf(tokens) + size)
    return
  }
  for (let i = 0; i < length; i++) yield sequence(startOf(tokens, i), size)
}

/** Counts what follows each context, and turns the counts into logarithms of probabilities. */
function count({ tables, vocabulary, order }: Ngram, train: Dataset, smoothing: number): void {
  const counts = tables.map(({ weight }) => new Float64Array(weight.size))
  for (const tokens of sequencesOf(train)) {
    for (let i = 1; i < tokens.length; i++) {
      let [context, digit] = [0, 1]
      for (let k = 0; k < order && k <= i; k++) {
        if (k > 0) {
          context += (tokens[i - k] as number) * digit
          digit *= vocabulary
        }
        const at = context * vocabulary + (tokens[i] as number)
        const table = counts[k] as Float64Array
        table[at] = (table[at] as number) + 1
      }
    }
  }
  for (const [k, table] of counts.entries()) {
    logarithms(table, vocabulary, smoothing, tables[k]?.weight.leaf?.data as Float32Array)
  }
}

/** The logarithm of nothing, as a number: far below that of everything that was seen once. */
const NEVER = -1e6

/** The logarithm of a share of 0 to 1; of nothing {@link NEVER}, for a checkpoint holds finite numbers. */
export const logOfShare = (share: number): number => (share === 0 ? NEVER : Math.log(share))

/** log((n + s) / (sum of n + s V)) row by row; a context that was never seen leaves all tokens equally likely. */
function logarithms(counts: Float64Array, vocabulary: number, smoothing: number, target: Float32Array): void {
  for (let row = 0; row < counts.length; row += vocabulary) {
    let all = vocabulary * smoothing
    for (let k = 0; k < vocabulary; k++) all += counts[row + k] as number
    for (let k = 0; k < vocabulary; k++) {
      const share = all === 0 ? 1 / vocabulary : ((counts[row + k] as number) + smoothing) / all
      target[row + k] = logOfShare(share)
    }
  }
}

/** Language modelling with an {@link Ngram}, which learns by counting: no steps are taken. */
export function ngramModel(): Task<NgramSettings> {
  const task = languageModel()
  return {
    ...task,
    name: 'language model by counts',
    phases: () => [],
    evaluate: {
      ...task.evaluate,
      compute(model, { tokens, targets }) {
        const options = { ignoreIndex: null, reduction: 'none' } as const
        const losses = crossEntropy(model.forward(tokens as Tensor), targets as Tensor, options)
        return {
          sums: {
            loss: sum(losses),
            tokens: sum(cast(greaterEqual(targets as Tensor, 0), 'float32')),
            impossible: sum(cast(greater(losses, -NEVER / 2), 'float32')),
          },
        }
      },
      metrics(sums, examples, settings) {
        const impossible = total(sums, 'impossible')
        if (impossible === 0) return task.evaluate.metrics(sums, examples, settings)
        throw new UserError({
          rule: 'Without smoothing, what was never seen is impossible, and this text holds such a sequence of tokens.',
          received: `smoothing=${settings.smoothing}, and ${impossible} impossible of ${total(sums, 'tokens')} tokens`,
          next: 'Add something to every count, for example --set smoothing=1.',
        })
      },
    },
    fit: {
      learn: (model, train, { smoothing }) => {
        if (!(model instanceof Ngram)) throw otherModel('ngramModel', 'an Ngram')
        count(model, train, smoothing)
      },
    },
  }
}
