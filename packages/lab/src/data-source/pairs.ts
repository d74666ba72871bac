// Pairs of sequences as data: a source and what it becomes, both as lists of tokens of one vocabulary.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { raggedColumn, type Dataset, type TokenWriting } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import { z } from 'zod'
import { vocabularyArtifact } from './published-texts.ts'
import type { DataIo, DataPart, DataSource } from './data-source.ts'
import { tokenizerArtifact } from './text-stream.ts'

/** The tokens that every vocabulary of pairs begins with: what fills up, begins, ends, and stands for the unknown. */
export const PAIR_TOKENS = { padding: 0, start: 1, end: 2, unknown: 3 } as const
const SPECIAL = Object.keys(PAIR_TOKENS).length

/** Settings of an experiment on pairs, to be spread into its own. */
export const pairSettings = {
  longest: z
    .number()
    .int()
    .min(2)
    .max(4096)
    .default(32)
    .describe('tokens of a sequence, its end included; longer pairs are not learned from, and cut where they judge'),
  subwords: z
    .number()
    .int()
    .min(300)
    .max(100_000)
    .default(4000)
    .describe('entries of the vocabulary of subwords, where sequences are cut into them'),
  vocabulary: z.number().int().min(0).default(0).describe('tokens that there are; found in the data'),
}

/** What the source reads of the settings. */
export interface PairDataSettings {
  readonly longest: number
  readonly subwords?: number
  readonly vocabulary?: number
}

/** What sequences are cut into: characters, what stands between blanks, or subwords learned from both sides. */
export type PairUnits = 'characters' | 'blanks' | 'subwords'

/** Texts and what each may become: the first is what a model is shown, all of them count as right. */
export interface PairTexts {
  readonly sources: readonly string[]
  readonly targets: readonly (readonly string[])[]
}

/** What {@link pairSource} is made of. */
export interface PairSourceOptions<Settings> {
  /** Id of a published set, or a name for people. */
  readonly name: string
  readonly parts: readonly DataPart[]
  /** The texts of a part; they must follow from the settings and the sets that are asked for. */
  readonly texts: (part: DataPart, settings: Settings, io: DataIo) => PairTexts | Promise<PairTexts>
  /** What sources and targets are cut into; `subwords` goes for both. */
  readonly source: PairUnits
  readonly target: PairUnits
  /** Training pairs, where their number is known. */
  readonly examples?: (settings: Settings) => number
}

/** Parts between alternatives in the column of texts `target`. */
const OR = '\n'

/** Everything that counts as right for an example, from its text `target`. */
export const rightTexts = (target: string): string[] => target.split(OR)

const unitsOf = (text: string, units: PairUnits): string[] =>
  units === 'characters' ? Array.from(text) : text.split(/\s+/).filter(Boolean)

/** Turns texts into tokens, and says how tokens are written. */
interface PairCodec {
  readonly size: number
  readonly writing: TokenWriting
  source(text: string): number[]
  target(text: string): number[]
}

const utf8 = new TextEncoder()
const bytesOf = (text: string): string => String.fromCharCode(...utf8.encode(text))
const special = new Array<string>(SPECIAL).fill('')

function symbolCodec(
  symbols: readonly string[], { source, target }: Pick<PairSourceOptions<never>, 'source' | 'target'>,
): PairCodec {
  const numbers = new Map(symbols.map((symbol, i) => [symbol, SPECIAL + i]))
  const encode = (units: PairUnits) => (text: string) =>
    unitsOf(text, units).map(symbol => numbers.get(symbol) ?? PAIR_TOKENS.unknown)
  return {
    size: SPECIAL + symbols.length,
    writing: { pieces: [...special, ...symbols.map(bytesOf)], between: target === 'blanks' ? ' ' : '' },
    source: encode(source),
    target: encode(target),
  }
}

function subwordCodec(tokenizer: Tokenizer): PairCodec {
  const { vocabularySize } = tokenizer
  const pieces = Array.from({ length: vocabularySize }, (_, id) => String.fromCharCode(...tokenizer.decodeBytes([id])))
  const encode = (text: string) =>
    Array.from(tokenizer.encode(text, { addSpecialTokens: false, parseSpecialTokens: false }).ids, id => SPECIAL + id)
  return {
    size: SPECIAL + vocabularySize,
    writing: { pieces: [...special, ...pieces], between: '' },
    source: encode,
    target: encode,
  }
}

/** The symbols of texts, in order. */
function symbolsOf({ sources, targets }: PairTexts, source: PairUnits, target: PairUnits): string[] {
  const found = new Set<string>()
  for (const text of sources) for (const symbol of unitsOf(text, source)) found.add(symbol)
  for (const text of targets.flat()) for (const symbol of unitsOf(text, target)) found.add(symbol)
  return [...found].sort()
}

/** Learns how to cut texts, and keeps it with the run. */
async function codecOf<Settings extends PairDataSettings>(
  { source, target, texts }: PairSourceOptions<Settings>, settings: Settings, io: DataIo,
): Promise<PairCodec> {
  if (source !== 'subwords') {
    const make = async () => JSON.stringify(symbolsOf(await texts('train', settings, io), source, target))
    return symbolCodec(JSON.parse(await io.artifact(vocabularyArtifact, make)) as string[], { source, target })
  }
  const { tokenizerFromJson, tokenizerTrainer } = await import('@ddlf/data/tokenizers')
  const make = async () => {
    const trainer = tokenizerTrainer({ kind: 'bpe', vocabularySize: settings.subwords ?? 4000, specialTokens: [] })
    const { sources, targets } = await texts('train', settings, io)
    for (const text of [...sources, ...targets.flat()]) trainer.add(text)
    return trainer.train().toJson()
  }
  return subwordCodec(tokenizerFromJson(await io.artifact(tokenizerArtifact, make), 'The tokenizer of the run'))
}

/** Tokens with their end, of so many at most. */
const ended = (tokens: readonly number[], longest: number): number[] =>
  [...tokens.slice(0, longest - 1), PAIR_TOKENS.end]

/**
 * Pairs of sequences: columns `source` and `target`, int32 of as many tokens as each has, the end included, and the
 * texts `source` and `target` (everything that counts as right, a line each). The vocabulary is counted or learned in
 * the training part, and kept by the run. In training a source stands once with each of its targets, elsewhere once.
 * @example
 * pairSource({ name: 'cmudict', parts: ['train', 'test'], source: 'characters', target: 'blanks', texts })
 */
export function pairSource<Settings extends PairDataSettings>(
  options: PairSourceOptions<Settings>,
): DataSource<Settings> {
  const { name, parts, texts, source, target, examples } = checkOptions('pairSource', options, [
    'name', 'parts', 'texts', 'source', 'target', 'examples',
  ])
  if ((source === 'subwords') !== (target === 'subwords'))
    throw new UserError({ rule: "pairSource: 'subwords' goes for both sides.", received: `${source} and ${target}` })
  return {
    name,
    parts,
    form(settings) {
      const column = { dtype: 'int32', shape: [settings.longest] } as const
      const { vocabulary = 0 } = settings
      return {
        columns: { source: column, target: column },
        ...(vocabulary > 0 && { vocabulary }),
        ...(examples && { examples: examples(settings) }),
      }
    },
    settle: async (settings, io) => ({ vocabulary: (await codecOf(options, settings, io)).size }),
    async load(part, settings, io) {
      const codec = await codecOf(options, settings, io)
      const found = await texts(part, settings, io)
      return encoded(`${name}/${part}`, part, found, codec, settings.longest, io.shared)
    },
  }
}

/** A part as numbers. */
function encoded(
  name: string, part: DataPart, { sources, targets }: PairTexts, codec: PairCodec, longest: number, shared: boolean,
): Dataset {
  const learns = part === 'train'
  const rows = sources.flatMap((source, i) => {
    const all = targets[i] ?? []
    const tokens = codec.source(source)
    return (learns ? all : all.slice(0, 1)).map(target => ({
      source, tokens, target: codec.target(target), right: learns ? target : all.join(OR),
    }))
  })
  const kept = learns ? rows.filter(({ tokens, target }) => Math.max(tokens.length, target.length) < longest) : rows
  if (kept.length === 0) {
    throw new UserError({
      rule: `No pair of ${name} has at most ${longest} tokens on both sides.`,
      received: `${rows.length} pairs, longest=${longest}`,
      next: 'Choose a larger one, for example --set longest=64.',
    })
  }
  const column = (lists: readonly (readonly number[])[]) =>
    raggedColumn('int32', lists.map(list => ended(list, longest)), { shared: shared && learns })
  return {
    name,
    length: kept.length,
    columns: { source: column(kept.map(row => row.tokens)), target: column(kept.map(row => row.target)) },
    text: { source: kept.map(row => row.source), target: kept.map(row => row.right) },
    writing: codec.writing,
  }
}
