// The likeliest texts as a whole: of each prompt several continuations are followed at once.
import { beamProgram, NO_ROW, type BeamOptions } from '@ddlf/nn'
import { allocate, sizeOf, type DType, type Runtime, type Shape, type TypedArray } from '@ddlf/tensor'
import { checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { KeepsTooLittle, keepsWhatItNeeds } from './decoding-check.ts'
import { promptKind, requirePrompts } from './generate-tokens.ts'
import { dataOf } from './leaf-data.ts'

/** What all tokens of a text read beside it, an encoder's output for example: a row for each prompt. */
export interface TextContext {
  /** The first axis counts prompts. */
  readonly shape: Shape
  readonly dtype: DType
  readonly data: TypedArray
}

/** What is searched, and how. */
export interface BeamSearchOptions<M extends object>
  extends Pick<BeamOptions<M>, 'model' | 'logits' | 'capacity' | 'endToken'> {
  readonly runtime: Runtime
  /** A text each, its tokens: the one that begins a translation, for example. */
  readonly prompts: readonly (readonly number[])[]
  readonly context?: readonly TextContext[]
  /** The most tokens to add. */
  readonly tokens: number
  /** Continuations of each prompt that are followed; default 4. */
  readonly beams?: number
  /**
   * The logarithm of a text's probability is divided by its length (added tokens, the end included) to this power:
   * above 0 long texts are liked better, below 0 short ones; default 1.
   */
  readonly lengthPenalty?: number
}

/** A text that was found. */
export interface BeamResult {
  /** What was added, without the token that ends a text. */
  readonly tokens: readonly number[]
  /** The logarithm of its probability divided by length^lengthPenalty. */
  readonly score: number
  /** Whether it ended; else it was cut at the most tokens. */
  readonly ended: boolean
}

const contextKind: Kind = {
  is: 'a shape, a dtype and data',
  accepts: one => kinds.dictionary().accepts(one) && kinds.shape.accepts((one as TextContext).shape),
}
const KINDS = {
  model: kinds.needed(kinds.dictionary()),
  logits: kinds.needed(kinds.callable),
  capacity: kinds.needed(kinds.whole(1)),
  endToken: kinds.needed(kinds.whole(0)),
  runtime: kinds.needed(kinds.withMethods('a runtime', 'compile', 'compileSteps')),
  prompts: kinds.needed(kinds.listOf(promptKind, 'prompts, each a list of tokens')),
  context: kinds.listOf(contextKind, 'contexts'),
  tokens: kinds.needed(kinds.whole(1)),
  beams: kinds.whole(1, 1000),
  lengthPenalty: kinds.finite,
}

/** The continuations of one prompt, the best first: those that end, and those that go on. */
class Hypotheses {
  found: BeamResult[] = []
  going: { tokens: readonly number[]; sum: number }[]
  done = false
  readonly #beams: number
  readonly #penalty: number

  constructor(beams: number, penalty: number) {
    this.#beams = beams
    this.#penalty = penalty
    this.going = Array.from({ length: beams }, () => ({ tokens: [], sum: NO_ROW }))
  }

  #score(sum: number, length: number): number {
    return sum / length ** this.#penalty
  }

  /**
   * Takes over a step: of the best continuations those within the first `beams` that end become results, or all of
   * them in the `last` step; the rows that go on are given. It is done when no row that goes on would beat the worst of
   * as many results as beams if it ended now: Hugging Face's heuristic. With a length penalty above 0 a longer text
   * might still have beaten it.
   */
  take(best: readonly Continuation[], next: readonly Continuation[], endToken: number, last: boolean): void {
    const length = (this.going[0]?.tokens.length ?? 0) + 1
    for (const { sum, token, beam } of best.slice(0, this.#beams)) {
      const ended = token === endToken
      if (!(ended || last) || sum <= NO_ROW / 2) continue
      const before = this.going[beam]?.tokens ?? []
      this.found.push({ tokens: ended ? before : [...before, token], score: this.#score(sum, length), ended })
    }
    this.found.sort((a, b) => b.score - a.score)
    this.found = this.found.slice(0, this.#beams)
    this.going = next.map(({ sum, token, beam }) => ({
      tokens: [...(this.going[beam]?.tokens ?? []), token],
      sum,
    }))
    const worst = this.found.length === this.#beams ? (this.found.at(-1)?.score ?? -Infinity) : -Infinity
    this.done = this.#score(this.going[0]?.sum ?? NO_ROW, length) <= worst
  }
}

/** A row with one more token. */
interface Continuation {
  readonly sum: number
  readonly token: number
  /** The row of the prompt that it goes on from. */
  readonly beam: number
}

/** The reported arrays of one step as lists for each prompt. */
function continuations(
  sums: Float32Array, tokens: Int32Array, from: Int32Array, prompts: number,
): readonly Continuation[][] {
  const count = tokens.length / prompts
  return Array.from({ length: prompts }, (_, p) =>
    Array.from({ length: count }, (_entry, i) => {
      const at = p * count + i
      return { sum: sums[at] as number, token: tokens[at] as number, beam: from[at] as number }
    }),
  )
}

/** Every row of an array as often as there are beams. */
function repeatRows({ data, shape }: TextContext, beams: number): TypedArray {
  const size = sizeOf(shape.slice(1))
  const repeated = data.slice(0, 0).constructor as new (length: number) => TypedArray
  const rows = new repeated(data.length * beams)
  for (let row = 0; row < (shape[0] as number) * beams; row++) {
    const from = Math.floor(row / beams) * size
    rows.set(data.subarray(from, from + size), row * size)
  }
  return rows
}

/**
 * Beam search: the continuations of each prompt with the largest score, the best first, at most as many as beams. As
 * Hugging Face's `generate` with `num_beams` and without early stopping. Source: Graves 2012; Sutskever, Vinyals and Le
 * 2014; the length penalty of Wu et al. 2016 without its constants.
 * @returns for each prompt what was found
 * @throws UserError where a prompt is empty, prompts and tokens do not fit the capacity, or the model keeps too little
 * of earlier tokens
 */
export async function beamSearch<M extends object>(options: BeamSearchOptions<M>): Promise<BeamResult[][]> {
  const {
    model, logits, capacity, endToken, runtime, prompts, context = [], tokens, beams = 4, lengthPenalty = 1,
  } = checkOptions<BeamSearchOptions<M>>('beamSearch', options, KINDS)
  requirePrompts(prompts)
  const longest = Math.max(...prompts.map(({ length }) => length))
  if (longest + tokens - 1 > capacity) {
    throw new UserError({
      rule: 'A beam search needs room for the prompt and all tokens but the last.',
      received: `a prompt of ${longest} and ${tokens} tokens, where the model sees ${capacity} at once`,
      next: 'Ask for fewer tokens, or build the model with more positions.',
    })
  }
  const rows = prompts.length * beams
  if (capacity >= 3) {
    const decoded = { model, logits, capacity, batch: prompts.length, context }
    if (!(await keepsWhatItNeeds(decoded, runtime, context.map(({ data }) => data))))
      throw new KeepsTooLittle('A beam search')
  }
  const program = beamProgram({
    model, logits, capacity, endToken, beams, batch: prompts.length,
    context: context.map(({ shape, dtype }) => ({ shape: [rows, ...shape.slice(1)], dtype })),
  })
  const captured = [...context.map(one => repeatRows(one, beams)), ...program.captured.map(dataOf)]
  const graph = program.prefill(longest)
  const given = new Int32Array(rows * longest)
  for (let row = 0; row < rows; row++) given.set(prompts[Math.floor(row / beams)] ?? [], row * longest)
  const lengths = Int32Array.from({ length: rows }, (_, row) => prompts[Math.floor(row / beams)]?.length ?? 0)
  const first = Float32Array.from({ length: rows }, (_, row) => (row % beams === 0 ? 0 : NO_ROW))
  const found = prompts.map(() => new Hypotheses(beams, lengthPenalty))
  const take = (reported: readonly TypedArray[], last: boolean) => {
    const [bestSums, bestTokens, bestBeams, sums, nextTokens, nextBeams] = reported as [
      Float32Array, Int32Array, Int32Array, Float32Array, Int32Array, Int32Array,
    ]
    const best = continuations(bestSums, bestTokens, bestBeams, prompts.length)
    const next = continuations(sums, nextTokens, nextBeams, prompts.length)
    found.forEach((one, p) => {
      if (!one.done) one.take(best[p] ?? [], next[p] ?? [], endToken, last)
    })
  }
  const [reader, step] = await Promise.all([runtime.compile(graph), runtime.compileSteps(program.step)])
  try {
    const contextArrays = captured.slice(0, context.length)
    const parameters = graph.inputs.slice(3 + context.length).map(dataOf)
    const outputs = await reader.run([given, lengths, first, ...contextArrays, ...parameters])
    let state = outputs.slice(0, program.state.length)
    take(withSums(outputs, program.state.length), tokens === 1)
    let spare: TypedArray[] = program.state.map(({ shape, dtype }) => allocate(dtype, sizeOf(shape)))
    for (let made = 1; made < tokens && !found.every(({ done }) => done); made++) {
      const reported = await step.run(state, spare, [], 1, captured)
      ;[state, spare] = [spare, state]
      take(withSums([...state, ...reported], program.state.length), made === tokens - 1)
    }
  } finally {
    await Promise.all([reader.release(), step.release()])
  }
  return found.map(one => one.found)
}

/** What a step reports, with the sums of the rows that go on, which are a part of the state. */
function withSums(outputs: readonly TypedArray[], stateCount: number): TypedArray[] {
  const [sums, tokens, beams, nextTokens, nextBeams] = outputs.slice(stateCount) as [
    TypedArray, TypedArray, TypedArray, TypedArray, TypedArray,
  ]
  return [sums, tokens, beams, outputs[2] as TypedArray, nextTokens, nextBeams]
}
