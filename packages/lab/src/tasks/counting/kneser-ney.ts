// Language models by counting with Kneser-Ney's smoothing: a shorter context counts by how many different ones it ends.
// Sources: Kneser and Ney, "Improved backing-off for m-gram language modeling", 1995; interpolated as in Chen and
// Goodman, "An empirical study of smoothing techniques for language modeling", 1998, section 4.1.6.
import { UserError } from '@ddlf/tensor/errors'
import { add, buffer, gather, mul, scan, transpose, zeros, type Tensor } from '@ddlf/tensor'
import type { Dataset } from '@ddlf/data'
import { Embedding, init } from '@ddlf/nn'
import { languageModel, type LanguageModelSettings } from '../language-model.ts'
import type { Task } from '../task.ts'
import { logOfShare, sequencesOf } from './ngram.ts'
import { otherModel } from './other-model.ts'

/** Settings that the task reads. */
export interface KneserNeySettings extends LanguageModelSettings {
  /** Taken from every count and given to shorter contexts; 0: n1 / (n1 + 2 n2) of each length. */
  readonly discount: number
}

/** Numbers up to here are whole in double precision. */
const MOST_CODES = 2 ** 53

/**
 * Every context that was seen is a state with a row of logits; a token leads to the state of the longest context seen
 * that ends with it.
 */
export class KneserNey {
  /** Logarithms of probabilities, [contexts, vocabulary]. */
  readonly table: Embedding
  /** The state after each token, int32 [contexts * vocabulary]. */
  readonly next: Tensor

  /**
   * @param order tokens that are counted together
   * @param contexts rows of the tables: as many contexts as the text has, of up to `order` - 1 tokens
   * @throws UserError where contexts of this order cannot be numbered
   */
  constructor(
    readonly vocabulary: number,
    readonly order: number,
    readonly contexts: number,
  ) {
    if (vocabulary ** order > MOST_CODES) {
      throw new UserError({
        rule: 'There must be fewer than 2^53 sequences of `order` tokens.',
        received: `${vocabulary} tokens to the power of ${order}`,
        next: 'Choose a smaller order, or fewer tokens.',
      })
    }
    this.table = new Embedding(contexts, vocabulary, { init: init.constant(-Math.log(vocabulary)) })
    this.next = buffer(new Int32Array(contexts * vocabulary), [contexts * vocabulary], 'int32')
  }

  /** @param x int32 [N, T] @returns logits [N, T, vocabulary]; the context is empty where a window begins */
  forward(x: Tensor): Tensor {
    const [count = 1] = x.shape
    const { ys } = scan(
      ([state], [token]) => {
        const after = gather(this.next, add(mul(state, this.vocabulary), token))
        return { carry: [after], ys: [after] as const }
      },
      [zeros([count], 'int32')],
      [transpose(x, [1, 0])],
    )
    return this.table.forward(transpose(ys[0], [1, 0]))
  }
}

/** Sequences of some length that were seen, as numbers in rising order, and how much each counts. */
interface Grams {
  readonly codes: Float64Array
  readonly counts: Float64Array
}

/** Equal numbers counted. @param codes is sorted */
function counted(codes: Float64Array): Grams {
  codes.sort()
  const [unique, counts]: [number[], number[]] = [[], []]
  for (let i = 0; i < codes.length; i++) {
    if (i > 0 && codes[i] === codes[i - 1]) counts[counts.length - 1] = (counts.at(-1) as number) + 1
    else {
      unique.push(codes[i] as number)
      counts.push(1)
    }
  }
  return { codes: Float64Array.from(unique), counts: Float64Array.from(counts) }
}

/**
 * Grams of 1 to `order` tokens, element k those of k + 1: the longest by how often they were seen, shorter ones by how
 * many different tokens stood before them.
 */
function gramsOf(train: Dataset, vocabulary: number, order: number): Grams[] {
  const codes: number[] = []
  for (const tokens of sequencesOf(train)) {
    let code = 0
    for (let i = 0; i < tokens.length; i++) {
      code = (code % vocabulary ** (order - 1)) * vocabulary + (tokens[i] as number)
      if (i >= order - 1) codes.push(code)
    }
  }
  const grams = [counted(Float64Array.from(codes))]
  for (let k = order - 1; k >= 1; k--) {
    const longer = (grams[0] as Grams).codes
    grams.unshift(counted(longer.map(gram => gram % vocabulary ** k)))
  }
  return grams
}

/** Ney's estimate from how many grams count once and twice. */
function discountOf({ counts }: Grams, given: number): number {
  if (given > 0) return given
  const [once, twice] = [1, 2].map(n => counts.reduce((sum, count) => sum + Number(count === n), 0)) as [number, number]
  return once === 0 ? 0.5 : once / (once + 2 * twice)
}

/** Fills the tables of a model, contexts from the shortest on: each begins as the one without its oldest token. */
class Filling {
  readonly #states: Map<number, number>[] = []
  #rows = 0
  /** In double precision: products of small discounts leave the range of the table. */
  probabilities = new Float64Array(0)

  constructor(
    readonly model: KneserNey,
    readonly next: Int32Array,
  ) {}

  /** States for the contexts of `length` tokens, which some token followed. */
  number(length: number, { codes }: Grams): void {
    const states = new Map<number, number>()
    for (const code of codes) {
      const context = Math.floor(code / this.model.vocabulary)
      if (!states.has(context)) states.set(context, this.#rows++)
    }
    this.#states[length] = states
  }

  get rows(): number {
    return this.#rows
  }

  /** The rows of the contexts of `length` tokens. */
  fill(length: number, { codes, counts }: Grams, discount: number): void {
    const { vocabulary } = this.model
    for (let from = 0; from < codes.length; ) {
      const context = Math.floor((codes[from] as number) / vocabulary)
      let to = from
      let total = 0
      while (to < codes.length && Math.floor((codes[to] as number) / vocabulary) === context)
        total += counts[to++] as number
      const row = (this.#states[length]?.get(context) as number) * vocabulary
      this.#begin(length, context, row, (discount * (to - from)) / total)
      for (let i = from; i < to; i++) {
        const token = (codes[i] as number) % vocabulary
        const share = ((counts[i] as number) - discount) / total
        this.probabilities[row + token] = (this.probabilities[row + token] as number) + share
        const child = this.#states[length + 1]?.get(codes[i] as number)
        if (child !== undefined) this.next[row + token] = child
      }
      from = to
    }
  }

  /** A row as it is before anything was seen: the shorter context's share, and where its tokens lead. */
  #begin(length: number, context: number, row: number, share: number): void {
    const { vocabulary } = this.model
    if (length === 0) {
      this.probabilities.fill(share / vocabulary, row, row + vocabulary)
      return
    }
    const shorter = (this.#states[length - 1]?.get(context % vocabulary ** (length - 1)) as number) * vocabulary
    for (let k = 0; k < vocabulary; k++) {
      this.probabilities[row + k] = share * (this.probabilities[shorter + k] as number)
      this.next[row + k] = this.next[shorter + k] as number
    }
  }
}

/** Counts, discounts, and writes the tables. */
function learn(model: KneserNey, train: Dataset, { discount }: KneserNeySettings): void {
  const { vocabulary, order, contexts, table, next } = model
  const grams = gramsOf(train, vocabulary, order)
  const logits = table.weight.leaf?.data as Float32Array
  const filling = new Filling(model, next.leaf?.data as Int32Array)
  grams.forEach((one, length) => {
    filling.number(length, one)
  })
  if (filling.rows > contexts) {
    throw new UserError({
      rule: `The text has more contexts of up to ${order - 1} tokens than the tables have rows.`,
      received: `${filling.rows} contexts, contexts=${contexts}`,
      next: `Give them room, for example --set contexts=${filling.rows}, or choose a smaller order.`,
    })
  }
  filling.probabilities = new Float64Array(filling.rows * vocabulary)
  grams.forEach((one, length) => {
    // The shortest context has nobody to give to, unless a token was never seen.
    const isWhole = length === 0 && one.codes.length === vocabulary
    filling.fill(length, one, isWhole ? 0 : discountOf(one, discount))
  })
  filling.probabilities.forEach((share, i) => {
    logits[i] = logOfShare(share)
  })
}

/** Language modelling with a {@link KneserNey}, which learns by counting: no steps are taken. */
export function kneserNeyModel(): Task<KneserNeySettings> {
  return {
    ...languageModel(),
    name: 'language model by counts, Kneser-Ney',
    phases: () => [],
    fit: {
      judgesTraining: false,
      learn: (model, train, settings) => {
        if (!(model instanceof KneserNey)) throw otherModel('kneserNeyModel', 'a KneserNey')
        learn(model, train, settings)
      },
    },
  }
}
