// The one interface of all tokenizers: text to ids and places, ids to text.
import { checkArgument, checkOptions, kinds, UserError, type Kind } from '@ddlf/tensor/errors'
import { findingTokens } from './added-tokens.ts'
import { AlignedText } from './aligned-text.ts'
import { byteCharacters, charactersToBytes } from './byte-alphabet.ts'
import { decoding, joinBytes, textOfBytes } from './decoders.ts'
import { IntList } from './int-list.ts'
import { bytePairModel } from './models/byte-pair.ts'
import { remembering, unknownByte, type Model } from './models/model.ts'
import { unigramModel, wordLevelModel, wordPieceModel } from './models/word-models.ts'
import { normalizing } from './normalizers.ts'
import { GPT2_PATTERN, GPT4_PATTERN } from './portable-pattern.ts'
import { postProcessing, type TemplatePart } from './post-processors.ts'
import { preTokenizing } from './pre-tokenizers.ts'
import { understandTokenizer, type TokenizerDefinition } from './tokenizer-json.ts'
import { utf8Runs } from './utf8-runs.ts'

/** A text as tokens; all arrays have one entry a token. */
export interface Encoding {
  readonly ids: Int32Array
  /**
   * Where each token begins in the text, in UTF-16 code units, so that `text.slice(starts[i], ends[i])` is what it
   * stands for.
   */
  readonly starts: Int32Array
  /**
   * Where it ends. Tokens that share a character, a byte each, all have its place; added special tokens have the
   * place 0, 0.
   */
  readonly ends: Int32Array
  /** Which of two texts a token is said to belong to (BERT's token types). */
  readonly typeIds: Int32Array
  /** 0 for tokens of the text, 1 for those of `pair`, -1 for special tokens added around them. */
  readonly sequences: Int8Array
}

/** How a text is encoded. */
export interface EncodeOptions {
  /** A second text, as in questions about a text. */
  readonly pair?: string
  /** Whether to add the special tokens that the file asks for (`<bos>`, `[CLS]`); default true. */
  readonly addSpecialTokens?: boolean
  /**
   * Whether `<|endoftext|>` in the text is that token; default true. False reads it as plain text: right for what
   * strangers wrote.
   */
  readonly parseSpecialTokens?: boolean
}

export interface DecodeOptions {
  /** Leaves special tokens out of the text; default false. */
  readonly skipSpecialTokens?: boolean
}

/** A token with a meaning of its own. */
export interface SpecialToken {
  readonly content: string
  readonly id: number
}

/** Text to ids and back. */
export interface Tokenizer {
  /** The kind of model within. */
  readonly model: 'BPE' | 'WordPiece' | 'WordLevel' | 'Unigram'
  /** Whether tokens spell bytes, so that every text can be encoded and decoded without loss. */
  readonly byteLevel: boolean
  /** The highest id and one: as many rows an embedding needs. */
  readonly vocabularySize: number
  readonly specialTokens: readonly SpecialToken[]
  /** Whether a text that is cut before a blank between two letters has the same ids part by part. */
  readonly encodesInParts: boolean
  /** The id of a token as the file writes it (`Ġthe`), or undefined. */
  idOf(token: string): number | undefined
  /** The token of an id as the file writes it. @throws UserError for an id outside the vocabulary */
  tokenOf(id: number): string
  /** @throws UserError for half a character (a lone surrogate), and for what the vocabulary cannot spell */
  encode(text: string, options?: EncodeOptions): Encoding
  /**
   * Ids of bytes that may be no valid UTF-8; byte-level tokenizers alone. Nothing is added, nothing is parsed.
   * @throws UserError for a byte that the vocabulary does not spell
   */
  encodeBytes(bytes: Uint8Array): Int32Array
  /** @throws UserError for an id outside the vocabulary */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string
  /** The bytes that ids stand for; byte-level tokenizers alone. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array
  /** The tokenizer as Hugging Face's tokenizer.json. */
  toJson(): string
}

const idsKind: Kind = {
  is: 'a list or a typed array of ids', accepts: value => Array.isArray(value) || ArrayBuffer.isView(value),
}
const bytesKind: Kind = { is: 'a Uint8Array', accepts: value => value instanceof Uint8Array }

const outside = (id: unknown, size: number) =>
  new UserError({
    rule: `A token's id must be a whole number in the vocabulary, 0 .. ${size - 1}.`,
    received: String(id),
    next: 'Use the tokenizer with which the ids were made.',
  })

function modelOf({ model: settings }: TokenizerDefinition, byteLevel: boolean): Model {
  const vocabulary = new Map<string, number>(
    settings.type === 'Unigram'
      ? settings.vocab.map(([piece], id) => [piece, id] as const)
      : Object.entries(settings.vocab),
  )
  if (byteLevel && settings.type !== 'BPE') {
    throw new UserError({
      rule: 'Bytes are read by models of type BPE alone.',
      received: `ByteLevel before ${settings.type}`,
      next: 'Use another tokenizer.',
    })
  }
  switch (settings.type) {
    case 'BPE':
      return bytePairModel(settings, vocabulary, byteLevel)
    case 'WordPiece':
      return wordPieceModel(settings, vocabulary)
    case 'WordLevel':
      return wordLevelModel(settings, vocabulary)
    case 'Unigram':
      return unigramModel(settings, vocabulary)
  }
}

/** Cuts that end a word before a blank between letters, whatever stands around. */
const CUTS_AT_BLANKS = ['Whitespace', 'WhitespaceSplit', 'BertPreTokenizer']

/** Whether nothing looks beyond such a cut: no text begins otherwise, and no token spans it. */
function encodesInParts({ model, normalizers, preTokenizers }: TokenizerDefinition): boolean {
  const single = model.type === 'BPE' && model.merges.length === 0
  const begins =
    normalizers.some(({ type }) => type === 'Prepend' || type === 'Strip' || type === 'Replace') ||
    preTokenizers.some(one => one.type === 'Metaspace' || (one.type === 'ByteLevel' && one.add_prefix_space))
  if (begins) return false
  // Of patterns, those of GPT-2 and GPT-4 and all that put a blank before a word, not behind it.
  const cuts = preTokenizers.some(
    one =>
      CUTS_AT_BLANKS.includes(one.type) ||
      (one.type === 'ByteLevel' && one.use_regex) ||
      (one.type === 'Split' && [GPT2_PATTERN, GPT4_PATTERN].some(known => one.pattern['Regex'] === known)),
  )
  return single || cuts
}

/** Tokens of one text, before anything is added around them. */
interface Sequence {
  readonly ids: IntList
  readonly starts: IntList
  readonly ends: IntList
}

class PipelineTokenizer implements Tokenizer {
  readonly model: Tokenizer['model']
  readonly byteLevel: boolean
  readonly vocabularySize: number
  readonly specialTokens: readonly SpecialToken[]
  readonly encodesInParts: boolean
  readonly #definition: TokenizerDefinition
  readonly #model: Model
  readonly #tokens: (string | undefined)[] = []
  readonly #added: ReadonlyMap<string, number>
  readonly #special: ReadonlySet<number>
  readonly #findRaw
  readonly #findNormalized
  readonly #normalize
  readonly #preTokenize
  readonly #post
  readonly #decode
  /** Whether decoding is nothing but joining bytes, and the bytes of each token, once they were asked for. */
  readonly #decodesBytes: boolean
  readonly #bytes: (Uint8Array | undefined)[] = []

  constructor(definition: TokenizerDefinition) {
    const { addedTokens, preTokenizers, normalizers, postProcessors, decoders } = definition
    this.#definition = definition
    this.model = definition.model.type
    this.byteLevel = preTokenizers.some(({ type }) => type === 'ByteLevel')
    this.encodesInParts = encodesInParts(definition)
    this.#model = remembering(modelOf(definition, this.byteLevel))
    for (const [token, id] of this.#model.vocabulary) this.#tokens[id] = token
    this.#normalize = normalizing(normalizers)
    const found = addedTokens.map(token =>
      token.normalized
        ? { ...token, content: this.#normalize(new AlignedText(token.content)).text || token.content }
        : token,
    )
    for (const { content, id } of found) this.#tokens[id] = content
    this.vocabularySize = this.#tokens.length
    this.#added = new Map(addedTokens.map(({ content, id }) => [content, id]))
    this.specialTokens = addedTokens.filter(({ special }) => special).map(({ content, id }) => ({ content, id }))
    this.#special = new Set(this.specialTokens.map(({ id }) => id))
    this.#findRaw = findingTokens(found.filter(({ normalized }) => !normalized))
    this.#findNormalized = findingTokens(found.filter(({ normalized }) => normalized))
    this.#preTokenize = preTokenizing(preTokenizers)
    this.#post = postProcessing(postProcessors)
    this.#decode = decoding(decoders)
    this.#decodesBytes = decoders.length === 1 && decoders[0]?.type === 'ByteLevel'
  }

  idOf(token: string): number | undefined {
    return this.#added.get(token) ?? this.#model.vocabulary.get(token)
  }

  tokenOf(id: number): string {
    const token = this.#tokens[id]
    if (token === undefined) throw outside(id, this.vocabularySize)
    return token
  }

  encode(text: string, options: EncodeOptions = {}): Encoding {
    const {
      pair,
      addSpecialTokens = true,
      parseSpecialTokens = true,
    } = checkOptions('encode', options, {
      pair: kinds.text, addSpecialTokens: kinds.flag, parseSpecialTokens: kinds.flag,
    })
    checkArgument('encode', 'the text', text, kinds.text)
    const a = this.#sequence(text, parseSpecialTokens)
    const b = pair === undefined ? undefined : this.#sequence(pair, parseSpecialTokens)
    const parts = b ? this.#post.pair : this.#post.single
    return assemble(addSpecialTokens ? parts : parts.filter(part => 'sequence' in part), a, b)
  }

  #sequence(text: string, parse: boolean): Sequence {
    const half = /\p{Surrogate}/u.exec(text)
    if (half) {
      throw new UserError({
        rule: 'The text holds half a character (a lone surrogate), which no encoding of Unicode has.',
        received: `U+${half[0].charCodeAt(0).toString(16).toUpperCase()} at ${half.index}`,
        next: 'Was the text cut within a character? Cut it elsewhere.',
      })
    }
    const found: Sequence = { ids: new IntList(), starts: new IntList(), ends: new IntList() }
    const whole = new AlignedText(text)
    for (const raw of parse ? this.#findRaw(whole) : [{ piece: whole }]) {
      if (raw.id !== undefined) this.#push(found, raw.id, raw.piece)
      else
        for (const { piece, id } of this.#inner(this.#normalize(raw.piece), parse)) {
          if (id !== undefined) this.#push(found, id, piece)
          else this.#words(piece, found)
        }
    }
    return found
  }

  #inner(piece: AlignedText, parse: boolean): readonly { readonly piece: AlignedText; readonly id?: number }[] {
    return parse ? this.#findNormalized(piece) : [{ piece }]
  }

  #push({ ids, starts, ends }: Sequence, id: number, piece: AlignedText): void {
    ids.push(id)
    starts.push(piece.start(0))
    ends.push(piece.end(piece.length - 1))
  }

  #words(piece: AlignedText, { ids, starts, ends }: Sequence): void {
    const { trim } = this.#post
    this.#preTokenize(piece, piece.start(0) === 0, word => {
      const tokens = this.#model.tokenize(word.text)
      for (let k = 0; k < tokens.ids.length; k++) {
        const [from, to] = [tokens.starts[k] as number, tokens.ends[k] as number]
        const [start, end] = [word.start(from), word.end(to - 1)]
        ids.push(tokens.ids[k] as number)
        if (!trim) {
          starts.push(start)
          ends.push(end)
          continue
        }
        const [before, behind] = blanksAround(word.text.slice(from, to))
        // One blank at the beginning was put there, and has no place to leave out.
        const put = start === 0 && before === 1 && trim.prefixed
        const left = put ? 0 : Math.min(before, end - start)
        starts.push(start + left)
        ends.push(put && to - from === 1 ? start : Math.max(end - behind, start + left))
      }
    })
  }

  #requireBytes(what: string): void {
    if (!this.byteLevel)
      throw new UserError({
        rule: `${what} needs a byte-level tokenizer.`,
        received: `a ${this.model} tokenizer of characters`,
        next: 'Use a tokenizer of kind bpe.',
      })
  }

  encodeBytes(bytes: Uint8Array): Int32Array {
    this.#requireBytes('encodeBytes')
    checkArgument('encodeBytes', 'the bytes', bytes, bytesKind)
    const ids = new IntList()
    for (const run of utf8Runs(bytes)) {
      if (typeof run === 'string') for (const id of this.#sequence(run, false).ids.toArray()) ids.push(id)
      else for (const byte of run) ids.push(this.#idOfByte(byte))
    }
    return ids.toArray()
  }

  #idOfByte(byte: number): number {
    const id = this.#model.vocabulary.get(byteCharacters[byte] as string)
    if (id === undefined) throw unknownByte(byte)
    return id
  }

  decode(ids: ArrayLike<number>, options: DecodeOptions = {}): string {
    const { skipSpecialTokens = false } = checkOptions('decode', options, { skipSpecialTokens: kinds.flag })
    checkArgument('decode', 'the ids', ids, idsKind)
    if (this.#decodesBytes && !skipSpecialTokens) return textOfBytes(this.decodeBytes(ids))
    const tokens: string[] = []
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number
      const token = this.tokenOf(id)
      if (!(skipSpecialTokens && this.#special.has(id))) tokens.push(token)
    }
    return this.#decode(tokens)
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    this.#requireBytes('decodeBytes')
    checkArgument('decodeBytes', 'the ids', ids, idsKind)
    return joinBytes(Array.from(ids, id => (this.#bytes[id] ??= charactersToBytes(this.tokenOf(id)))))
  }

  toJson(): string {
    return `${JSON.stringify(this.#definition.file, undefined, 2)}\n`
  }
}

/** How many blanks a token begins and ends with. */
const blanksAround = (text: string): [number, number] => [
  /^ */.exec(text)?.[0].length ?? 0,
  /(?<! ) *$/.exec(text)?.[0].length ?? 0,
]

function assemble(parts: readonly TemplatePart[], a: Sequence, b: Sequence | undefined): Encoding {
  const sequenceOf = (part: Extract<TemplatePart, { sequence: unknown }>) => (part.sequence === 'A' ? a : b)
  const length = parts.reduce((sum, part) => sum + ('sequence' in part ? (sequenceOf(part)?.ids.length ?? 0) : 1), 0)
  const encoding = {
    ids: new Int32Array(length),
    starts: new Int32Array(length),
    ends: new Int32Array(length),
    typeIds: new Int32Array(length),
    sequences: new Int8Array(length),
  }
  let at = 0
  for (const part of parts) {
    const sequence = 'sequence' in part ? sequenceOf(part) : undefined
    const count = 'sequence' in part ? (sequence?.ids.length ?? 0) : 1
    if (sequence) {
      encoding.ids.set(sequence.ids.toArray(), at)
      encoding.starts.set(sequence.starts.toArray(), at)
      encoding.ends.set(sequence.ends.toArray(), at)
    } else if ('id' in part) encoding.ids[at] = part.id
    encoding.typeIds.fill(part.type, at, at + count)
    encoding.sequences.fill('sequence' in part ? Number(part.sequence === 'B') : -1, at, at + count)
    at += count
  }
  return encoding
}

/**
 * A tokenizer from the content of a tokenizer.json: BPE over bytes or characters, WordPiece, whole words or unigram
 * pieces.
 * @param json the text of the file, or the parsed JSON
 * @param name what messages call it
 * @throws UserError for what is no JSON, has another version than 1.0, or holds a part that is not supported
 */
export function tokenizerFromJson(json: unknown, name = 'The file'): Tokenizer {
  let content = json
  if (typeof json === 'string') {
    try {
      content = JSON.parse(json)
    } catch (error) {
      throw new UserError(
        {
          rule: `${name} must hold JSON.`,
          received: error instanceof Error ? error.message : String(error),
          next: 'Give a tokenizer.json.',
        },
        { cause: error },
      )
    }
  }
  return new PipelineTokenizer(understandTokenizer(content, name))
}
