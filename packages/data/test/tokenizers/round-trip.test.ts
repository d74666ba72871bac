// Encoding and decoding are inverse, for every text and for every sequence of bytes; places are where tokens stand;
// training and
// merging equal their plain definitions.
import { padBatch, textStream, tokenizerFromJson, trainTokenizer, truncate } from '@ddlf/data/tokenizers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergePairs } from '../../src/tokenizers/models/merge-pairs.ts'
import { PairTable } from '../../src/tokenizers/pair-table.ts'
import { portablePattern } from '../../src/tokenizers/portable-pattern.ts'
import { trainBytePairs } from '../../src/tokenizers/train/train-byte-pairs.ts'
import { utf8Runs } from '../../src/tokenizers/utf8-runs.ts'

const corpus = [
  'The quick brown fox jumps over the lazy dog. '.repeat(8),
  'naïve façade, schöne Grüße, 日本語 日本 🙂🙂 '.repeat(5),
  "it's 2024; we'll see 12345\n\n\n",
]
const anyText = fc.string({ unit: 'binary', maxLength: 200 })
const likelyText = fc
  .array(
    fc.constantFrom(
      'the',
      ' quick',
      '  ',
      '\n',
      'é',
      'e\u0301',
      '日',
      '🙂',
      '\ufeff',
      '\r\n',
      '<|endoftext|>',
      "'s",
      '12345',
      '\u0085',
    ),
    { maxLength: 40 },
  )
  .map(parts => parts.join(''))
const texts = fc.oneof(anyText, likelyText)

describe.each(['gpt2', 'gpt4'])('byte-level BPE with the pattern %s', pattern => {
  const tokenizer = trainTokenizer(corpus, { vocabularySize: 500, pattern })

  it('gives every text back, with special tokens parsed or not', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), (text, parseSpecialTokens) => {
        expect(tokenizer.decode(tokenizer.encode(text, { parseSpecialTokens }).ids)).toBe(text)
      }),
    )
  })

  it('gives all bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        expect(tokenizer.decodeBytes(tokenizer.encodeBytes(bytes))).toEqual(bytes)
      }),
    )
  })

  it('encodes the bytes of a text as the text', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect([...tokenizer.encodeBytes(new TextEncoder().encode(text))]).toEqual([
          ...tokenizer.encode(text, { parseSpecialTokens: false }).ids,
        ])
      }),
    )
  })

  it('puts tokens side by side: each stands where it says, and together they are the text', () => {
    fc.assert(
      fc.property(texts, text => {
        const { ids, starts, ends } = tokenizer.encode(text)
        let end = 0
        for (const [i, id] of ids.entries()) {
          // The next token begins where the last one ended, or at the character that both have bytes of.
          const shared = text.slice(starts[i], end)
          expect(end - starts[i]!).toBe(shared === '' ? 0 : String.fromCodePoint(shared.codePointAt(0)!).length)
          end = ends[i]!
          const own = tokenizer.decode([id])
          if (!own.includes('\ufffd')) expect(text.slice(starts[i], ends[i])).toBe(own)
        }
        expect(end).toBe(text.length)
      }),
    )
  })

  it('streams what decode gives', () => {
    fc.assert(
      fc.property(texts, text => {
        const stream = textStream(tokenizer)
        expect([...tokenizer.encode(text).ids].map(id => stream.push(id)).join('') + stream.end()).toBe(text)
      }),
    )
  })
})

it('characters are given back, and have one token each', () => {
  const tokenizer = trainTokenizer(corpus, { kind: 'characters' })
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Array.from(corpus.join('')))), characters => {
      const text = characters.join('')
      const { ids } = tokenizer.encode(text)
      expect(ids).toHaveLength(characters.length)
      expect(tokenizer.decode(ids)).toBe(text)
      const stream = textStream(tokenizer)
      expect([...ids].map(id => stream.push(id)).join('') + stream.end()).toBe(text)
    }),
  )
})

it('words keep strange names: numbers, and what objects call their own', () => {
  const text = '7 7 12 12 __proto__ __proto__ constructor constructor toString toString'
  const tokenizer = trainTokenizer([text], { kind: 'words' })
  expect(tokenizerFromJson(tokenizer.toJson()).decode(tokenizer.encode(text).ids)).toBe(text)
  expect(tokenizer.decode(tokenizer.encode('7 valueOf constructor').ids)).toBe('7 <unk> constructor')
})

it('words in lower case are learned as they are read, where whole texts lower a letter otherwise', () => {
  // As Hugging Face's Lowercase, letter by letter: not the sigma that ends a word.
  const tokenizer = trainTokenizer(['ΟΔΟΣ ΟΔΟΣ'], { kind: 'words', lowercase: true })
  expect(tokenizer.decode(tokenizer.encode('ΟΔΟΣ').ids)).toBe('οδοσ')
})

it('streams characters that are spelled byte by byte, however many come one after another', () => {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const vocab = Object.fromEntries(['<unk>', ...bytes, 'a', ' '].map((token, id) => [token, id]))
  const tokenizer = tokenizerFromJson({
    version: '1.0',
    decoder: { type: 'Sequence', decoders: [{ type: 'ByteFallback' }, { type: 'Fuse' }] },
    model: { type: 'BPE', vocab, merges: [], unk_token: '<unk>', byte_fallback: true },
  })
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', ' ', 'é', '日', '🙂')), characters => {
      const stream = textStream(tokenizer)
      const { ids } = tokenizer.encode(characters.join(''))
      expect([...ids].map(id => stream.push(id)).join('') + stream.end()).toBe(characters.join(''))
    }),
  )
})

/** The definition: count all pairs anew for each merge. */
function trainPlainly(counts: ReadonlyMap<string, number>, merges: number): [string, string][] {
  const words = [...counts].map(([word, count]) => ({ symbols: Array.from(word), count }))
  const ids = new Map(Array.from({ length: 94 }, (_, i) => [String.fromCharCode(33 + i), i]))
  const learned: [string, string][] = []
  while (learned.length < merges) {
    const pairs = new Map<string, { pair: [string, string]; count: number }>()
    for (const { symbols, count } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair: [string, string] = [symbols[i]!, symbols[i + 1]!]
        const known = pairs.get(pair.join(' ')) ?? { pair, count: 0 }
        pairs.set(pair.join(' '), { pair, count: known.count + count })
      }
    }
    const order = [...pairs.values()].sort(
      (x, y) =>
        y.count - x.count || ids.get(x.pair[0])! - ids.get(y.pair[0])! || ids.get(x.pair[1])! - ids.get(y.pair[1])!,
    )
    const best = order[0]?.pair
    if (!best) break
    learned.push(best)
    if (!ids.has(best.join(''))) ids.set(best.join(''), 256 + ids.size)
    for (const word of words) {
      const out: string[] = []
      for (let i = 0; i < word.symbols.length; i++) {
        if (word.symbols[i] === best[0] && word.symbols[i + 1] === best[1]) {
          out.push(best.join(''))
          i++
        } else out.push(word.symbols[i]!)
      }
      word.symbols = out
    }
  }
  return learned
}

it('training equals counting anew for each merge', () => {
  const words = fc.dictionary(
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 }),
    fc.integer({ min: 1, max: 5 }),
    { minKeys: 1, maxKeys: 12 },
  )
  fc.assert(
    fc.property(words, given => {
      const counts = new Map(Object.entries(given))
      const { merges } = trainBytePairs(counts, 256 + 12, 1)
      expect(merges).toEqual(trainPlainly(counts, merges.length))
    }),
  )
})

it('merging a long word equals merging the lowest rank first, the leftmost of equals', () => {
  const ranks = new PairTable()
  const made = new Int32Array(30)
  let rank = 0
  for (let a = 0; a < 5; a++)
    for (let b = 0; b < 5; b++) {
      if ((3 * a + b) % 4 === 0) continue
      made[rank] = (7 * a + 3 * b) % 9
      ranks.set(a, b, rank++)
    }
  const plainly = (ids: number[]) => {
    for (;;) {
      const found = ids.slice(1).map((_, i) => ranks.get(ids[i]!, ids[i + 1]!))
      const best = Math.min(...found.filter(one => one >= 0))
      if (best === Infinity) return ids
      ids.splice(found.indexOf(best), 2, made[best]!)
    }
  }
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 120 }), ids => {
      const symbols = { ids: [...ids], ends: ids.map((_, i) => i + 1) }
      mergePairs(symbols, { ranks, made })
      expect(symbols.ids).toEqual(plainly([...ids]))
      expect(symbols.ends.at(-1) ?? 0).toBe(ids.length)
    }),
  )
})

it('a table of pairs is a map', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300_000), fc.nat(40), fc.nat(1000)), { maxLength: 400 }), entries => {
      const table = new PairTable(4)
      const map = new Map<string, number>()
      for (const [a, b, value] of entries) {
        table.set(a, b, value)
        map.set(`${a},${b}`, value)
      }
      expect(table.size).toBe(map.size)
      for (const [key, value] of map) expect(table.get(...(key.split(',').map(Number) as [number, number]))).toBe(value)
      expect(table.get(300_001, 0)).toBe(-1)
    }),
  )
})

it('stretches of UTF-8 are all of the bytes, and text where a decoder says so', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        anyText.map(text => new TextEncoder().encode(text)),
      ),
      bytes => {
        const runs = [...utf8Runs(bytes)]
        expect(runs.flatMap(run => [...(typeof run === 'string' ? new TextEncoder().encode(run) : run)])).toEqual([
          ...bytes,
        ])
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        if (!text.includes('\ufffd')) expect(runs.join('')).toBe(text)
      },
    ),
  )
})

it('patterns of the other dialect mean the same here', () => {
  const matches = (source: string, text: string) => text.match(portablePattern(source))
  expect(matches('a++b', 'aaab')).toEqual(['aaab'])
  expect(matches('a++ab', 'aaab')).toBeNull()
  expect(matches("(?i:'s)", "'S 's 'ſ")).toEqual(["'S", "'s", "'ſ"])
  expect(matches('\\s', '\u0085\ufeff\u00a0')).toEqual(['\u0085', '\u00a0'])
  expect(matches("\\'\\-x", "'-x")).toEqual(["'-x"])
  expect(matches('[^\\s\\p{L}]+', 'ab, cd!?')).toEqual([',', '!?'])
  expect(() => portablePattern('[a&&b]')).toThrow(/a class within a class/)
  expect(() => portablePattern('(a')).toThrow(/never closed/)
})

it('batches are rows of one length', () => {
  const tokenizer = trainTokenizer(corpus, { vocabularySize: 300 })
  fc.assert(
    fc.property(
      fc.array(texts, { maxLength: 5 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 8 }),
      fc.constantFrom('left' as const, 'right' as const),
      (given, length, multipleOf, side) => {
        const encodings = truncate(
          given.map(text => tokenizer.encode(text)),
          { length, side },
        )
        const {
          shape: [rows, width],
          ids,
          attentionMask,
          lengths,
        } = padBatch(encodings, { padId: 7, side, multipleOf })
        expect(rows).toBe(given.length)
        expect(width % multipleOf).toBe(0)
        for (let row = 0; row < rows; row++) {
          const whole = [...tokenizer.encode(given[row]!).ids]
          const kept = side === 'right' ? whole.slice(0, length) : whole.slice(Math.max(0, whole.length - length))
          const filled = Array.from({ length: width - kept.length }, () => 7)
          expect([...ids.slice(row * width, (row + 1) * width)]).toEqual(
            side === 'right' ? [...kept, ...filled] : [...filled, ...kept],
          )
          expect(attentionMask.slice(row * width, (row + 1) * width).reduce((sum, one) => sum + one, 0)).toBe(
            lengths[row],
          )
        }
      },
    ),
  )
})
