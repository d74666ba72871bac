// Makes texts token by token with a model of language, several at once, and hands them on as they come.
import { generationProgram, type GenerationOptions } from '@ddlf/nn'
import {
  allocate, sizeOf, type Executable, type Runtime, type StepExecutable, type TypedArray,
} from '@ddlf/tensor'
import { checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { keepsWhatItNeeds } from './decoding-check.ts'
import { dataOf } from './leaf-data.ts'

/** What is made, and how. */
export interface GenerateOptions<M extends object> extends Pick<GenerationOptions<M>, 'model' | 'logits' | 'capacity'> {
  readonly runtime: Runtime
  /** A text each, its tokens; none may be empty. */
  readonly prompts: readonly (readonly number[])[]
  /** How many tokens to add to each text. */
  readonly tokens: number
  /**
   * How far likely and unlikely tokens are drawn together or apart; default 1. At 0 it is always the most likely one.
   */
  readonly temperature?: number
  /** Only the k most likely tokens; default all. */
  readonly topK?: number
  /** Only the most likely tokens that have this share of the probability together; default 1, all. */
  readonly topP?: number
  /** Decides the draw: with one seed the same tokens, however they are handed on. Default 0. */
  readonly seed?: number
  /** Tokens that are made in one run before they are handed on; default 8. */
  readonly perRun?: number
}

/** A text as its tokens. */
export const promptKind = kinds.listOf(kinds.whole(0), 'whole numbers of at least 0')
const shareKind: Kind = {
  is: 'a number above 0 and at most 1', accepts: value => typeof value === 'number' && value > 0 && value <= 1,
}
/** What each option may be, but the prompts. */
export const GENERATION_KINDS = {
  model: kinds.needed(kinds.dictionary()), logits: kinds.needed(kinds.callable), capacity: kinds.needed(kinds.whole(1)),
  runtime: kinds.needed(kinds.withMethods('a runtime', 'compile', 'compileSteps')),
  tokens: kinds.needed(kinds.whole(1)),
  temperature: kinds.atLeast(0), topK: kinds.whole(1), topP: shareKind, seed: kinds.whole(), perRun: kinds.whole(1),
}
const KINDS = {
  ...GENERATION_KINDS, prompts: kinds.needed(kinds.listOf(promptKind, 'prompts, each a list of tokens')),
}

/** @throws UserError where there is no prompt, or one is empty */
export function requirePrompts(prompts: readonly (readonly number[])[]): void {
  const empty = prompts.findIndex(prompt => prompt.length === 0)
  if (prompts.length > 0 && empty < 0) return
  throw new UserError({
    rule: 'A text begins with a token at least.',
    received: prompts.length === 0 ? 'no prompt' : `prompt ${empty} of ${prompts.length} is empty`,
    next: 'Begin with a line break, or with the token that begins a text.',
  })
}

/** Prompts are read in graphs of a few lengths only, so that they are compiled a few times. */
const paddedLength = (length: number, capacity: number): number => Math.min(2 ** Math.ceil(Math.log2(length)), capacity)

/** The texts under way: what was read and made of each, and what the model keeps of it. */
class Generation<M extends object> {
  readonly texts: number[][]
  readonly #program
  readonly #options
  readonly #keeps: boolean
  readonly #prefills = new Map<number, Promise<Executable>>()
  #step: StepExecutable | undefined
  #state: TypedArray[] = []
  #spare: TypedArray[] | undefined
  #made = 0

  /** @param keeps whether the model keeps what it needs of earlier tokens; else texts are read anew for each */
  constructor(options: GenerateOptions<M>, keeps: boolean) {
    const { model, logits, capacity, prompts, temperature = 1, topK, topP = 1 } = options
    this.#options = options
    this.#keeps = keeps
    this.texts = prompts.map(prompt => [...prompt])
    const greedy = temperature === 0
    this.#program = generationProgram({
      model,
      logits,
      batch: prompts.length,
      capacity,
      greedy,
      topK,
      nucleus: !greedy && topP < 1,
    })
  }

  /** How many tokens can be made before the texts must be read again. */
  get room(): number {
    if (!this.#keeps) return 0
    const positions = this.#state[1] as Int32Array | undefined
    return positions ? this.#options.capacity - Math.max(...positions) : 0
  }

  /** Random numbers, temperatures and shares of the next `count` tokens, one after another. */
  #fresh(count: number): TypedArray[] {
    const { seed = 0, temperature = 1, topP = 1 } = this.#options
    const texts = this.texts.length
    const random = new Float32Array(count * texts)
    for (let i = 0; i < count; i++) {
      const key = randomKey(seed, 'token', this.#made + i)
      for (let text = 0; text < texts; text++) random[i * texts + text] = uniformAt(key, text)
    }
    this.#made += count
    return [
      random,
      new Float32Array(count).fill(temperature === 0 ? 1 : 1 / temperature),
      new Float32Array(count).fill(topP),
    ]
  }

  /** Reads the texts, or what of their ends leaves room for more, and makes a token of each. */
  async read(): Promise<number[]> {
    const { capacity, runtime } = this.#options
    // Where a text is as long as the caches, its second half is read again, or all that fits where none are used.
    const again = this.#keeps ? Math.max(1, Math.floor(capacity / 2)) : capacity
    const parts = this.texts.map(text => (text.length < capacity ? text : text.slice(-again)))
    const length = paddedLength(Math.max(...parts.map(part => part.length)), capacity)
    const graph = this.#program.prefill(length)
    let compiled = this.#prefills.get(length)
    if (!compiled) this.#prefills.set(length, (compiled = runtime.compile(graph)))
    const tokens = new Int32Array(parts.length * length)
    parts.forEach((part, i) => tokens.set(part, i * length))
    const fed = [tokens, Int32Array.from(parts, part => part.length), ...this.#fresh(1)]
    this.#state = await (await compiled).run([...fed, ...graph.inputs.slice(fed.length).map(dataOf)])
    this.#spare = undefined
    return this.#add(this.#state[0] as Int32Array)
  }

  /** Makes `count` tokens of each text; they are listed step by step. */
  async make(count: number): Promise<number[]> {
    this.#step ??= await this.#options.runtime.compileSteps(this.#program.step)
    const next = this.#spare ?? this.#program.state.map(({ shape, dtype }) => allocate(dtype, sizeOf(shape)))
    const [made] = await this.#step.run(
      this.#state,
      next,
      this.#fresh(count),
      count,
      this.#program.captured.map(dataOf),
    )
    // Two sets of arrays take turns.
    this.#spare = this.#state
    this.#state = next
    return this.#add(made as Int32Array)
  }

  #add(made: Int32Array): number[] {
    made.forEach((token, i) => this.texts[i % this.texts.length]?.push(token))
    return [...made]
  }

  async release(): Promise<void> {
    await Promise.all([this.#step, ...this.#prefills.values()].map(async executable => (await executable)?.release()))
  }
}

/**
 * Adds tokens to texts, and hands on what was made whenever a run ends: for each text its new tokens. Texts longer
 * than the caches go on from their second half, which is read anew. What is drawn depends on the seed and on the
 * number of the token alone. A model that looks at earlier tokens and keeps nothing of them (a convolution over time,
 * say) is found out before the first token, and reads the text anew for each.
 * @throws UserError where a prompt is empty, a setting is out of range, or the model looks ahead
 */
export async function* generateTokens<M extends object>(options: GenerateOptions<M>): AsyncGenerator<number[][], void> {
  const { prompts, tokens, perRun = 8 } = checkOptions<GenerateOptions<M>>('generateTokens', options, KINDS)
  requirePrompts(prompts)
  const { model, logits, capacity, runtime } = options
  const keeps = await keepsWhatItNeeds({ model, logits, capacity, batch: prompts.length }, runtime)
  const generation = new Generation(options, keeps)
  const byText = (made: readonly number[]) =>
    prompts.map((_, i) => made.filter((_token, k) => k % prompts.length === i))
  try {
    for (let done = 0; done < tokens;) {
      const room = generation.room
      const made = room < 1 ? await generation.read() : await generation.make(Math.min(perRun, room, tokens - done))
      done += made.length / prompts.length
      yield byText(made)
    }
  } finally {
    await generation.release()
  }
}
