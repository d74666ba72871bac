// Texts of pairs as lists of tokens, of one vocabulary or of one for each side, and tokens as texts: by characters,
// blanks or subwords.
import { UserError } from '@ddlf/tensor/errors'
import { joinRight, pairText, raggedColumn, writtenPiece, type Dataset, type TokenWriting } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import type { DataIo, DataPart, TextForm } from './data-source.ts'
import { vocabularyArtifact } from './published-texts.ts'
import { tokenizerArtifact } from './text-stream.ts'

/** The tokens that every vocabulary of pairs begins with: what fills up, begins, ends, and stands for the unknown. */
export const PAIR_TOKENS = { padding: 0, start: 1, end: 2, unknown: 3 } as const
const SPECIAL = Object.keys(PAIR_TOKENS).length

/** How the two sides become tokens, in words. */
function encodingInWords({ source, target, apart = false, minFrequency = 1 }: PairCut): string {
  const { padding, start, end, unknown } = PAIR_TOKENS
  const units = (cut: PairUnits) => (cut === 'characters' ? 'characters' : 'what stands between blanks')
  const cut = source === 'subwords'
    ? `both sides cut by ${tokenizerArtifact}, whose number i is token ${SPECIAL} + i`
    : `source cut into ${units(source)}, target into ${units(target)}; entry i of ` +
      `${apart ? 'its list in ' : ''}${vocabularyArtifact}, from 0, is token ${SPECIAL} + i` +
      (minFrequency > 1 ? `, and what was found less than ${minFrequency} times is in none` : '')
  return `${cut}; ${start} begins a target, ${end} ends both sides, ${unknown} stands for the unknown, filled up ` +
    `with ${padding}`
}

/** What sequences are cut into: characters, what stands between blanks, or subwords learned from both sides. */
export type PairUnits = 'characters' | 'blanks' | 'subwords'

/** What sources and targets are cut into. */
export interface PairCut {
  readonly source: PairUnits
  /** `subwords` goes for both. */
  readonly target: PairUnits
  /** Entries of the vocabulary of subwords; default 4000. */
  readonly subwords?: number | undefined
  /** Whether sources and targets have a vocabulary each, counted from the same first token; default one for both. */
  readonly apart?: boolean | undefined
  /** How often a symbol must be found to be in the vocabulary; default once. */
  readonly minFrequency?: number | undefined
}

/** Texts and what each may become: the first is what a model is shown, all of them count as right. */
export interface PairTexts {
  readonly sources: readonly string[]
  readonly targets: readonly (readonly string[])[]
}

const unitsOf = (text: string, units: PairUnits): string[] =>
  units === 'characters' ? Array.from(text) : text.split(/\s+/).filter(Boolean)

/** Turns texts into tokens, and says how tokens are written. */
export interface PairCodec {
  /** Tokens that there are: of targets, where the sides are apart. */
  readonly size: number
  /** Tokens of sources. */
  readonly sourceSize: number
  readonly writing: TokenWriting
  source(text: string): number[]
  target(text: string): number[]
  /** What of a source the vocabulary does not have, as it stands there. */
  unknown(text: string): string[]
}

const special = new Array<string>(SPECIAL).fill('')
/** What a model writes for a symbol that is in no vocabulary, where it can have learned to. */
const UNKNOWN = '<unk>'

/** The symbols of both sides, in order. */
interface Symbols {
  readonly source: readonly string[]
  readonly target: readonly string[]
}

function symbolCodec({ source: read, target: written }: Symbols, cut: PairCut): PairCodec {
  const { source, target, minFrequency = 1 } = cut
  const numbered = (symbols: readonly string[]) => new Map(symbols.map((symbol, i) => [symbol, SPECIAL + i]))
  const [numbers, targets] = [numbered(read), numbered(written)]
  const encode = (known: ReadonlyMap<string, number>, units: PairUnits) => (text: string) =>
    unitsOf(text, units).map(symbol => known.get(symbol) ?? PAIR_TOKENS.unknown)
  const first = special.map((piece, i) => (i === PAIR_TOKENS.unknown && minFrequency > 1 ? UNKNOWN : piece))
  return {
    size: SPECIAL + written.length,
    sourceSize: SPECIAL + read.length,
    writing: { pieces: [...first, ...written.map(writtenPiece)], between: target === 'blanks' ? ' ' : '' },
    source: encode(numbers, source),
    target: encode(targets, target),
    unknown: text => unitsOf(text, source).filter(symbol => !numbers.has(symbol)),
  }
}

function subwordCodec(tokenizer: Tokenizer): PairCodec {
  const { vocabularySize } = tokenizer
  const pieces = Array.from({ length: vocabularySize }, (_, id) => String.fromCharCode(...tokenizer.decodeBytes([id])))
  const encode = (text: string) =>
    Array.from(tokenizer.encode(text, { addSpecialTokens: false, parseSpecialTokens: false }).ids, id => SPECIAL + id)
  return {
    size: SPECIAL + vocabularySize,
    sourceSize: SPECIAL + vocabularySize,
    writing: { pieces: [...special, ...pieces], between: '' },
    source: encode,
    target: encode,
    // They are made of bytes.
    unknown: () => [],
  }
}

/** Adds how often each symbol stands in texts. */
function count(found: Map<string, number>, texts: readonly string[], units: PairUnits): void {
  for (const text of texts)
    for (const symbol of unitsOf(text, units)) found.set(symbol, 1 + (found.get(symbol) ?? 0))
}

/** The vocabulary of texts as a run keeps it: a list, or one of each side. */
function vocabularyText({ sources, targets }: PairTexts, cut: PairCut): string {
  const { source, target, apart = false, minFrequency = 1 } = cut
  const read = new Map<string, number>()
  const written = apart ? new Map<string, number>() : read
  count(read, sources, source)
  count(written, targets.flat(), target)
  const kept = (found: ReadonlyMap<string, number>) =>
    [...found].filter(([, times]) => times >= minFrequency).map(([symbol]) => symbol).sort()
  return JSON.stringify(apart ? { source: kept(read), target: kept(written) } : kept(read))
}

/** The symbols of both sides, of the vocabulary that a run keeps. */
function symbolsIn(kept: string): Symbols {
  const vocabulary = JSON.parse(kept) as readonly string[] | Symbols
  return 'source' in vocabulary ? vocabulary : { source: vocabulary, target: vocabulary }
}

/**
 * Learns how to cut texts, or takes what a run has kept of that.
 * @param learned the texts of the training part, asked for where nothing is kept
 */
export async function pairCodec(
  cut: PairCut, artifact: DataIo['artifact'], learned: () => PairTexts | Promise<PairTexts>,
): Promise<PairCodec> {
  if (cut.source !== 'subwords') {
    const make = async () => vocabularyText(await learned(), cut)
    return symbolCodec(symbolsIn(await artifact(vocabularyArtifact, make)), cut)
  }
  const { tokenizerFromJson, tokenizerTrainer } = await import('@ddlf/data/tokenizers')
  const make = async () => {
    const trainer = tokenizerTrainer({ kind: 'bpe', vocabularySize: cut.subwords ?? 4000, specialTokens: [] })
    const { sources, targets } = await learned()
    for (const text of [...sources, ...targets.flat()]) trainer.add(text)
    return trainer.train().toJson()
  }
  return subwordCodec(tokenizerFromJson(await artifact(tokenizerArtifact, make), 'The tokenizer of the run'))
}

/** Tokens with their end, of so many at most. */
const ended = (tokens: readonly number[], longest: number): number[] =>
  [...tokens.slice(0, longest - 1), PAIR_TOKENS.end]

/** The pairs of a part as tokens: what is learned from stands once with each target, what judges once. */
function rowsOf({ sources, targets }: PairTexts, codec: PairCodec, learns: boolean) {
  return sources.flatMap((source, i) => {
    const all = targets[i] ?? []
    const tokens = codec.source(source)
    return (learns ? all : all.slice(0, 1)).map(target => {
      const written = codec.target(target)
      const right = learns ? target : joinRight(all)
      return { source, tokens, target: written, right, length: Math.max(tokens.length, written.length) + 1 }
    })
  })
}

/** How many pairs of a part have more tokens than a model reads, of how many, and how many the longest has. */
export function longPairs(
  part: DataPart, texts: PairTexts, codec: PairCodec, longest: number,
): { readonly all: number; readonly long: number; readonly most: number } {
  const lengths = rowsOf(texts, codec, part === 'train').map(({ length }) => length)
  const long = lengths.filter(length => length > longest)
  return { all: lengths.length, long: long.length, most: long.reduce((most, length) => Math.max(most, length), 0) }
}

/**
 * A part as numbers.
 * @throws UserError where all pairs to learn from are too long
 */
export function encodePairs(
  name: string, part: DataPart, texts: PairTexts, codec: PairCodec, longest: number, shared: boolean,
): Dataset {
  const learns = part === 'train'
  const rows = rowsOf(texts, codec, learns)
  const kept = learns ? rows.filter(({ length }) => length <= longest) : rows
  if (kept.length === 0) {
    const least = rows.reduce((shortest, { length }) => Math.min(shortest, length), Infinity)
    throw new UserError({
      rule: `No pair of ${name} has at most ${longest} tokens on both sides.`,
      received: `${rows.length} pairs, longest=${longest}`,
      next: `Choose a larger one, for example --set longest=${Number.isFinite(least) ? 2 * least : 64}`,
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

/** Unknown symbols that an error names. */
const NAMED = 10

/** How a source of a person's own reaches a model of pairs, and how its answer is read. */
export async function pairTextForm(
  cut: PairCut, longest: number, artifact: (name: string) => string | undefined,
): Promise<TextForm> {
  const kept = (name: string) => {
    const content = artifact(name)
    if (content !== undefined) return Promise.resolve(content)
    throw new UserError({
      rule: 'A model of pairs is asked with the vocabulary that its run keeps.',
      received: `a run without ${name}`,
      next: 'Train it anew.',
    })
  }
  const codec = await pairCodec(cut, kept, () => ({ sources: [], targets: [] }))
  return {
    counts: 'tokens',
    told: encodingInWords(cut),
    writing: codec.writing,
    read(given) {
      const text = pairText(given)
      if (text === '') {
        throw new UserError({
          rule: 'A source must hold text.', received: JSON.stringify(given), next: 'Write one in quotes.',
        })
      }
      const strange = [...new Set(codec.unknown(text))]
      if (strange.length > 0) {
        const named = strange.slice(0, NAMED).map(symbol => JSON.stringify(symbol)).join(', ')
        throw new UserError({
          rule: `The model was never shown some ${cut.source === 'blanks' ? 'words' : 'characters'} of the text.`,
          received:
            `never seen: ${named}${strange.length > NAMED ? ', ...' : ''} in ${JSON.stringify(text.slice(0, 60))}`,
          next: 'Write it without them, or train on pairs that have them.',
        })
      }
      const tokens = codec.source(text)
      if (tokens.length >= longest) {
        throw new UserError({
          rule: `The model reads at most ${longest - 1} tokens of a source (longest=${longest} counts the end).`,
          received: `${tokens.length} tokens in ${JSON.stringify(text.slice(0, 60))}`,
          next: `Shorten it, or train with --set longest=${tokens.length + 1}`,
        })
      }
      const data = new Int32Array(longest)
      data.set(ended(tokens, longest))
      return data
    },
  }
}
