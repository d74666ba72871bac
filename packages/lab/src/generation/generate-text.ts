// Texts that a model of language goes on with, handed on as they are written, up to where they are told to stop.
import { textStream, type Tokenizer } from '@ddlf/data/tokenizers'
import { checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { GENERATION_KINDS, generateTokens, type GenerateOptions } from './generate-tokens.ts'

/** What is written, and how. */
export interface GenerateTextOptions<M extends object> extends Omit<GenerateOptions<M>, 'prompts'> {
  readonly tokenizer: Tokenizer
  /** What the texts begin with; an empty one begins as a text does. */
  readonly prompts: readonly string[]
  /** A text ends before the first of these that it would hold; default none. */
  readonly stop?: readonly string[]
}

const stopKind: Kind = { is: 'a text', accepts: value => typeof value === 'string' && value !== '' }
const KINDS = {
  ...GENERATION_KINDS,
  tokenizer: kinds.needed(kinds.withMethods('a tokenizer', 'encode', 'decode')),
  prompts: kinds.needed(kinds.listOf(kinds.text, 'texts')),
  stop: kinds.listOf(stopKind, 'texts that are not empty'),
}

/** What a text begins with where nothing is given: the token that ends the one before, a new line, or the first. */
export const firstToken = (tokenizer: Tokenizer): number =>
  tokenizer.specialTokens.find(({ content }) => content === '<|endoftext|>')?.id ??
  tokenizer.idOf('\n') ??
  tokenizer.idOf('Ċ') ??
  0

/** The tokens of a prompt; at least one. @throws UserError for characters that the vocabulary cannot spell */
export function promptTokens(tokenizer: Tokenizer, prompt: string): number[] {
  const { ids } = tokenizer.encode(prompt, { addSpecialTokens: false })
  return ids.length === 0 ? [firstToken(tokenizer)] : [...ids]
}

/** A text under way: what may still turn out to be the beginning of a stop is held back. */
class GrowingText {
  readonly #stream
  readonly #stops: readonly string[]
  #held = ''
  done = false

  constructor(tokenizer: Tokenizer, stops: readonly string[]) {
    this.#stream = textStream(tokenizer)
    this.#stops = stops
  }

  /** The text that further tokens make certain. */
  push(tokens: readonly number[]): string {
    let said = ''
    for (const token of tokens) {
      if (this.done) break
      said += this.#say(this.#stream.push(token))
    }
    return said
  }

  #say(more: string): string {
    const text = this.#held + more
    const ends = this.#stops.map(stop => text.indexOf(stop)).filter(at => at >= 0)
    if (ends.length > 0) {
      this.done = true
      this.#held = ''
      return text.slice(0, Math.min(...ends))
    }
    const begun = this.#stops.map(stop => {
      for (let length = Math.min(stop.length - 1, text.length); length > 0; length--) {
        if (text.endsWith(stop.slice(0, length))) return length
      }
      return 0
    })
    const sure = text.length - Math.max(0, ...begun)
    this.#held = text.slice(sure)
    return text.slice(0, sure)
  }

  /** What was held back. */
  end(): string {
    return this.done ? '' : this.#held + this.#stream.end()
  }
}

/**
 * Goes on with texts, several at once, and hands on what was added to each of them whenever a run of the model ends.
 * It ends where all texts have reached a stop, or have so many tokens more.
 * @throws UserError for a prompt that the vocabulary cannot spell, or a setting out of range
 */
export async function* generateText<M extends object>(
  options: GenerateTextOptions<M>,
): AsyncGenerator<readonly string[], void> {
  const { tokenizer, prompts, stop = [], ...generation } = checkOptions<GenerateTextOptions<M>>(
    'generateText', options, KINDS,
  )
  if (prompts.length === 0) {
    throw new UserError({
      rule: 'There must be a text to go on with.',
      received: 'no prompt',
      next: "Give '' to begin.",
    })
  }
  const texts = prompts.map(() => new GrowingText(tokenizer, stop))
  const tokens = prompts.map(prompt => promptTokens(tokenizer, prompt))
  for await (const made of generateTokens({ ...generation, prompts: tokens })) {
    yield made.map((ids, i) => texts[i]?.push(ids) ?? '')
    if (texts.every(({ done }) => done)) return
  }
  yield texts.map(text => text.end())
}
