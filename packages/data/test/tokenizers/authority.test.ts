// Tokenizers against Hugging Face's library (PyPI tokenizers): merges, ids, places, decoded texts, cuts, batches.
// golden/make-tokenizers.py made the values.
import { readFileSync } from 'node:fs'
import { padBatch, tokenizerFromJson, trainTokenizer, truncate, type Encoding } from '@ddlf/data/tokenizers'
import { describe, expect, it } from 'vitest'
import { AlignedText } from '../../src/tokenizers/aligned-text.ts'
import { decoding } from '../../src/tokenizers/decoders.ts'
import { normalizing } from '../../src/tokenizers/normalizers.ts'
import { preTokenizing } from '../../src/tokenizers/pre-tokenizers.ts'
import { understandTokenizer } from '../../src/tokenizers/tokenizer-json.ts'

interface GoldenEncoding {
  readonly text: string
  readonly pair: string | null
  readonly ids: number[]
  readonly offsets: [number, number][]
  readonly typeIds: number[]
  readonly decoded: string
  readonly skipped: string
}

interface Golden {
  readonly corpora: Record<string, string[]>
  readonly training: {
    corpus: string
    pattern: string
    size: number
    count: number
    merges: string[]
    last: string[]
    length: number
    checksum: number
    vocabulary: number
    ids: Record<string, number[]>
  }[]
  readonly words: {
    corpus: string
    size: number
    count: number
    vocabulary: Record<string, number>
    encodings: GoldenEncoding[]
  }[]
  readonly files: {
    name: string
    file: object
    encodings: GoldenEncoding[]
    cut: {
      length: number
      side: 'left' | 'right'
      padded: number
      rows: { text: string; pair: string; ids: number[]; mask: number[]; typeIds: number[] }[]
    }[]
  }[]
  readonly cuts: { texts: string[]; rows: { settings: object; offsets: [number, number][][] }[] }
  readonly normalized: { texts: string[]; rows: { settings: object; texts: string[] }[] }
}

const golden = JSON.parse(readFileSync(new URL('../golden/tokenizers.json', import.meta.url), 'utf8')) as Golden
const withPair = ({ pair }: { pair: string | null }) => (pair === null ? {} : { pair })
const placesOf = ({ starts, ends }: Encoding) => [...starts].map((start, i) => [start, ends[i]])

describe('training', () => {
  it.each(golden.training)('BPE of the $corpus corpus to $size entries, $pattern, from $count on', wanted => {
    const tokenizer = trainTokenizer(golden.corpora[wanted.corpus]!, {
      vocabularySize: wanted.size,
      pattern: wanted.pattern,
      minimumCount: wanted.count,
    })
    const { model } = JSON.parse(tokenizer.toJson()) as {
      model: { merges: [string, string][]; vocab: Record<string, number> }
    }
    const merges = model.merges.map(pair => pair.join(' '))
    expect(merges.slice(0, 200)).toEqual(wanted.merges)
    expect(merges.slice(-5)).toEqual(wanted.last)
    expect(merges).toHaveLength(wanted.length)
    let checksum = 0
    for (const character of merges.join(''))
      checksum = Number((BigInt(checksum) * 31n + BigInt(character.codePointAt(0)!)) % 2n ** 32n)
    expect(checksum).toBe(wanted.checksum)
    expect(tokenizer.vocabularySize).toBe(wanted.vocabulary)
    for (const [text, ids] of Object.entries(wanted.ids)) expect([...tokenizer.encode(text).ids], text).toEqual(ids)
  })

  it.each(golden.words)('words of the $corpus corpus', ({ corpus, size, count, vocabulary, encodings }) => {
    const tokenizer = trainTokenizer(golden.corpora[corpus]!, {
      kind: 'words',
      vocabularySize: size,
      minimumCount: count,
    })
    expect((JSON.parse(tokenizer.toJson()) as { model: { vocab: unknown } }).model.vocab).toEqual(vocabulary)
    for (const wanted of encodings) {
      const encoding = tokenizer.encode(wanted.text)
      expect({ text: wanted.text, ids: [...encoding.ids], offsets: placesOf(encoding) }).toEqual({
        text: wanted.text,
        ids: wanted.ids,
        offsets: wanted.offsets,
      })
      expect(tokenizer.decode(encoding.ids)).toBe(wanted.decoded)
    }
  })
})

describe.each(golden.files)('a file of the kind of $name', ({ file, encodings }) => {
  const tokenizer = tokenizerFromJson(file)

  it('encodes', () => {
    for (const wanted of encodings) {
      const encoding = tokenizer.encode(wanted.text, withPair(wanted))
      const { text, ids, offsets, typeIds } = wanted
      expect({ text, ids: [...encoding.ids], offsets: placesOf(encoding), typeIds: [...encoding.typeIds] }).toEqual({
        text,
        ids,
        offsets,
        typeIds,
      })
    }
  })

  it('decodes', () => {
    for (const { ids, decoded, skipped } of encodings) {
      expect(tokenizer.decode(ids)).toBe(decoded)
      expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(skipped)
    }
  })

  it('is the same when it was written and read again', () => {
    const again = tokenizerFromJson(tokenizer.toJson())
    expect(again.toJson()).toBe(tokenizer.toJson())
    for (const wanted of encodings) expect([...again.encode(wanted.text, withPair(wanted)).ids]).toEqual(wanted.ids)
  })
})

it.each(golden.files.filter(({ cut }) => cut.length > 0))(
  'a batch of the kind of $name is cut and filled',
  ({ file, cut }) => {
    const tokenizer = tokenizerFromJson(file)
    for (const { length, side, padded, rows } of cut) {
      const encoded = rows.map(({ text, pair }) => tokenizer.encode(text, { pair }))
      const batch = padBatch(truncate(encoded, { length, side }), { padId: 0, length: padded, side })
      expect(batch.shape).toEqual([rows.length, padded])
      expect([...batch.ids]).toEqual(rows.flatMap(({ ids }) => ids))
      expect([...batch.attentionMask]).toEqual(rows.flatMap(({ mask }) => mask))
      expect([...batch.typeIds]).toEqual(rows.flatMap(({ typeIds }) => typeIds))
    }
  },
)

const withPart = (part: object) =>
  understandTokenizer({ version: '1.0', model: { type: 'WordLevel', vocab: {} }, ...part })

it.each(golden.cuts.rows)('cuts as $settings', ({ settings, offsets }) => {
  const cut = preTokenizing(withPart({ pre_tokenizer: settings }).preTokenizers)
  for (const [i, text] of golden.cuts.texts.entries()) {
    const places: [number, number][] = []
    cut(new AlignedText(text), true, word => places.push([word.start(0), word.end(word.length - 1)]))
    expect({ text, places }).toEqual({ text, places: offsets[i] })
  }
})

it.each(golden.normalized.rows)('changes as $settings', ({ settings, texts }) => {
  const normalize = normalizing(withPart({ normalizer: settings }).normalizers)
  for (const [i, text] of golden.normalized.texts.entries())
    expect(normalize(new AlignedText(text)).text, text).toBe(texts[i])
})

// decoders.Metaspace(prepend_scheme=...).decode(...) of tokenizers 0.23.3.
it.each([
  ['always', [' a', 'ab', 'ab c', ' x y', ' a', ' a', '  a', '', 'a b c']],
  ['first', [' a', 'ab', 'ab c', ' x y', ' a', ' a', '  a', '', 'a b c']],
  ['never', ['  a', '   ab', 'a b c', ' x y', '   a', ' a', '   a', '  ', 'a b c']],
] as const)('marks for blanks are decoded as Metaspace does it with the scheme %s', (scheme, wanted) => {
  const decode = decoding([{ type: 'Metaspace', replacement: '\u2581', prepend_scheme: scheme, split: true }])
  const lists = [
    ['_', '_a'], ['___a', 'b'], ['a_b', '_c'], [' x', '_y'], ['_ _a'], ['', '_a'], ['_', '_', '_a'], ['__'],
    ['a', '_b_c'],
  ]
  expect(lists.map(list => decode(list.map(token => token.replaceAll('_', '\u2581'))))).toEqual(wanted)
})
