// Hugging Face's tokenizer.json: what a file may hold, checked once at the edge. Names within are the file's own.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'

/** A text or a regular expression, as files write patterns. */
const pattern = z.union([z.looseObject({ String: z.string() }), z.looseObject({ Regex: z.string() })])
const bare = <const T extends string>(type: T) => z.looseObject({ type: z.literal(type) })
const replace = z.looseObject({ type: z.literal('Replace'), pattern, content: z.string() })
const metaspace = z.looseObject({
  type: z.literal('Metaspace'),
  replacement: z.string().default('▁'),
  prepend_scheme: z.enum(['always', 'first', 'never']).optional(),
  add_prefix_space: z.boolean().optional(),
  split: z.boolean().default(true),
})
const behaviour = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous'])

const oneNormalizer = z.discriminatedUnion('type', [
  bare('NFC'),
  bare('NFD'),
  bare('NFKC'),
  bare('NFKD'),
  bare('Lowercase'),
  bare('StripAccents'),
  replace,
  z.looseObject({
    type: z.literal('Strip'),
    strip_left: z.boolean().default(true),
    strip_right: z.boolean().default(true),
  }),
  z.looseObject({ type: z.literal('Prepend'), prepend: z.string() }),
  z.looseObject({
    type: z.literal('BertNormalizer'),
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    strip_accents: z.boolean().nullish(),
    lowercase: z.boolean().default(true),
  }),
])
/** How a text is changed before it is cut. */
export type NormalizerSettings = z.infer<typeof oneNormalizer>

const onePreTokenizer = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('ByteLevel'),
    add_prefix_space: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  z.looseObject({ type: z.literal('Split'), pattern, behavior: behaviour, invert: z.boolean().default(false) }),
  bare('Whitespace'),
  bare('WhitespaceSplit'),
  bare('BertPreTokenizer'),
  metaspace,
  z.looseObject({ type: z.literal('Digits'), individual_digits: z.boolean().default(false) }),
  z.looseObject({ type: z.literal('Punctuation'), behavior: behaviour.default('Isolated') }),
])
/** How a text is cut into words. */
export type PreTokenizerSettings = z.infer<typeof onePreTokenizer>
export type SplitBehaviour = z.infer<typeof behaviour>

const token = z.looseObject({ id: z.string(), type_id: z.number().int().default(0) })
const piece = z.union([z.looseObject({ SpecialToken: token }), z.looseObject({ Sequence: token })])
const named = z.tuple([z.string(), z.number().int()])
const onePostProcessor = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('ByteLevel'),
    trim_offsets: z.boolean().default(true),
    add_prefix_space: z.boolean().default(true),
  }),
  z.looseObject({
    type: z.literal('TemplateProcessing'),
    single: z.array(piece),
    pair: z.array(piece).default([]),
    special_tokens: z
      .record(z.string(), z.looseObject({ ids: z.array(z.number().int()), tokens: z.array(z.string()) }))
      .default({}),
  }),
  z.looseObject({ type: z.literal('BertProcessing'), sep: named, cls: named }),
  z.looseObject({
    type: z.literal('RobertaProcessing'),
    sep: named,
    cls: named,
    trim_offsets: z.boolean().default(true),
    add_prefix_space: z.boolean().default(true),
  }),
])
/** What is added around the tokens of a text. */
export type PostProcessorSettings = z.infer<typeof onePostProcessor>

const oneDecoder = z.discriminatedUnion('type', [
  bare('ByteLevel'),
  bare('ByteFallback'),
  bare('Fuse'),
  replace,
  metaspace,
  z.looseObject({
    type: z.literal('Strip'),
    content: z.string(),
    start: z.number().int().default(0),
    stop: z.number().int().default(0),
  }),
  z.looseObject({ type: z.literal('WordPiece'), prefix: z.string().default('##'), cleanup: z.boolean().default(true) }),
  z.looseObject({ type: z.literal('BPEDecoder'), suffix: z.string().default('</w>') }),
])
/** How tokens become text again. */
export type DecoderSettings = z.infer<typeof oneDecoder>

const affix = z.string().nullish()
const flag = z.boolean().nullish()
const vocabulary = z.custom<Readonly<Record<string, number>>>(
  value => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must map tokens to ids',
)
const bytePair = z.looseObject({
  type: z.literal('BPE'),
  vocab: vocabulary,
  merges: z.custom<readonly (string | readonly string[])[]>(Array.isArray, 'must list merges'),
  unk_token: affix,
  continuing_subword_prefix: affix,
  end_of_word_suffix: affix,
  fuse_unk: flag,
  byte_fallback: flag,
  ignore_merges: flag,
  dropout: z.number().nullish(),
})
export type BytePairSettings = z.infer<typeof bytePair>
const wordPiece = z.looseObject({
  type: z.literal('WordPiece'),
  vocab: vocabulary,
  unk_token: z.string().default('[UNK]'),
  continuing_subword_prefix: z.string().default('##'),
  max_input_chars_per_word: z.number().int().default(100),
})
export type WordPieceSettings = z.infer<typeof wordPiece>
const wordLevel = z.looseObject({
  type: z.literal('WordLevel'),
  vocab: vocabulary,
  unk_token: z.string().default('<unk>'),
})
export type WordLevelSettings = z.infer<typeof wordLevel>
const isPiece = (entry: unknown) => Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'number'
const unigram = z.looseObject({
  type: z.literal('Unigram'),
  unk_id: z.number().int().min(0).nullish(),
  byte_fallback: flag,
  vocab: z.custom<readonly (readonly [string, number])[]>(
    value => Array.isArray(value) && value.every(isPiece),
    'must list pieces with their scores',
  ),
})
export type UnigramSettings = z.infer<typeof unigram>
const model = z.discriminatedUnion('type', [bytePair, wordPiece, wordLevel, unigram])
export type ModelSettings = z.infer<typeof model>

const addedToken = z.looseObject({
  id: z.number().int().min(0),
  content: z.string().min(1),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(false),
  special: z.boolean().default(false),
})
/** A token that is found in a text before the model sees it. */
export type AddedToken = z.infer<typeof addedToken>

const part = z.looseObject({ type: z.string() }).nullish()
const file = z.looseObject({
  version: z.literal('1.0'),
  added_tokens: z.array(addedToken).default([]),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
  model: z.looseObject({ vocab: z.unknown() }),
})
/** A tokenizer file as it is written. */
export type TokenizerFile = z.infer<typeof file>

/** A tokenizer file with its parts understood; sequences are flat. */
export interface TokenizerDefinition {
  readonly file: TokenizerFile
  readonly addedTokens: readonly AddedToken[]
  readonly normalizers: readonly NormalizerSettings[]
  readonly preTokenizers: readonly PreTokenizerSettings[]
  readonly model: ModelSettings
  readonly postProcessors: readonly PostProcessorSettings[]
  readonly decoders: readonly DecoderSettings[]
}

const refuse = (name: string, received: string, next: string, cause?: unknown) =>
  new UserError(
    { rule: `${name} must be a tokenizer as Hugging Face's tokenizer.json describes one.`, received, next },
    { cause },
  )

function understand<Schema extends z.ZodType>(
  name: string,
  place: string,
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const type = (value as { type?: unknown } | null | undefined)?.type
  const issue = parsed.error.issues[0]
  const known = issue?.code === 'invalid_union' && issue.path.join() === 'type'
  const where = [place, ...(issue?.path ?? [])].filter(step => step !== '').join('.')
  throw known
    ? refuse(
        name,
        `${place} of type ${type === undefined ? 'none' : JSON.stringify(type)}, which is not supported`,
        'Use a tokenizer of the kinds of GPT-2, Llama 3, Gemma, BERT or T5.',
        parsed.error,
      )
    : refuse(name, `${where}: ${issue?.message ?? 'not understood'}`, 'Check the file.', parsed.error)
}

/** The members of a part of the file: a sequence flattened, one alone, or none. */
function flat(value: unknown): unknown[] {
  if (value === null || value === undefined) return []
  const { type, ...rest } = value as Record<string, unknown>
  const members =
    type === 'Sequence'
      ? (rest['normalizers'] ?? rest['pretokenizers'] ?? rest['processors'] ?? rest['decoders'])
      : undefined
  return Array.isArray(members) ? members.flatMap(flat) : [value]
}

function checkIds(name: string, { vocab }: ModelSettings): void {
  const ids = Array.isArray(vocab) ? [] : Object.entries(vocab as Readonly<Record<string, unknown>>)
  const wrong = ids.find(([, id]) => !(Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31))
  if (wrong)
    throw refuse(
      name,
      `model.vocab: ${JSON.stringify(wrong[0])} with the id ${String(wrong[1])}`,
      'Ids are whole numbers from 0 on. Check the file.',
    )
}

/**
 * Understands a tokenizer file.
 * @param content the parsed JSON
 * @param name what messages call it
 * @throws UserError for another version, a part that is not supported, or something that is no tokenizer
 */
export function understandTokenizer(content: unknown, name = 'The file'): TokenizerDefinition {
  if (typeof content !== 'object' || content === null || !('model' in content))
    throw refuse(name, 'JSON without a model', 'Give a tokenizer.json.')
  const version = (content as { version?: unknown }).version
  if (version !== '1.0') {
    throw new UserError({
      rule: `${name}: only version "1.0" of tokenizer files is known.`,
      received: version === undefined ? 'no version' : JSON.stringify(version),
      next: 'Save it with a release of tokenizers that writes 1.0, or update this program.',
    })
  }
  const understood = understand(name, '', file, content)
  // Files of early releases do not name the type of their model.
  const given = (content as { model: Record<string, unknown> }).model
  const type = given['type'] ?? ('merges' in given ? 'BPE' : undefined)
  const parts = <Schema extends z.ZodType>(place: string, schema: Schema, value: unknown) =>
    flat(value).map(one => understand(name, place, schema, one))
  const settings = understand(name, 'model', model, { ...given, type })
  checkIds(name, settings)
  return {
    file: understood,
    addedTokens: understood.added_tokens,
    normalizers: parts('normalizer', oneNormalizer, understood.normalizer),
    preTokenizers: parts('pre_tokenizer', onePreTokenizer, understood.pre_tokenizer),
    model: settings,
    postProcessors: parts('post_processor', onePostProcessor, understood.post_processor),
    decoders: parts('decoder', oneDecoder, understood.decoder),
  }
}
