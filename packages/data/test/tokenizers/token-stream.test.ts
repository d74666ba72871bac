// Texts as one stream of ids: what is encoded in parts equals the whole, and alphabets are tokenizers.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  characterTokenizer,
  GPT2_PATTERN,
  tokenizerFromJson,
  tokenStream,
  trainTokenizer,
  type Tokenizer,
} from '../../src/tokenizers/index.ts'

const idsOf = (tokenizer: Tokenizer, texts: readonly string[], expected?: number) => {
  const stream = tokenStream(tokenizer, { ...(expected !== undefined && { expected }) })
  for (const text of texts) stream.add(text)
  return stream.ids()
}

/** Text of several of the parts that long texts are encoded in, with all that patterns heed. */
const long = Array.from({ length: 20_000 }, (_, i) => `word${i % 7} it's  a\n\n${i} été end, so it goes`).join(' ')

describe('a long text', () => {
  it('has the same ids in parts as in one piece, for every kind that is encoded in parts', () => {
    const tokenizers = [
      trainTokenizer([long.slice(0, 20_000)], { vocabularySize: 400 }),
      trainTokenizer([long.slice(0, 20_000)], { vocabularySize: 400, pattern: 'gpt2' }),
      trainTokenizer([long.slice(0, 20_000)], { vocabularySize: 400, pattern: GPT2_PATTERN }),
      trainTokenizer([long], { kind: 'words' }),
      trainTokenizer([long], { kind: 'characters' }),
    ]
    expect(long.length).toBeGreaterThan(3 * 2 ** 18)
    for (const tokenizer of tokenizers) {
      expect(tokenizer.encodesInParts).toBe(true)
      const whole = tokenizer.encode(long, { addSpecialTokens: false, parseSpecialTokens: false }).ids
      const parts = idsOf(tokenizer, [long])
      expect([parts.length, parts.findIndex((id, i) => id !== whole[i])]).toEqual([whole.length, -1])
    }
  })
  it('is not cut for a tokenizer to which the beginning of a text means something', () => {
    const file = JSON.parse(trainTokenizer(['a b'], { vocabularySize: 260 }).toJson()) as Record<string, unknown>
    const prefixed = { ...file, pre_tokenizer: { type: 'ByteLevel', add_prefix_space: true, use_regex: true } }
    expect(tokenizerFromJson(prefixed).encodesInParts).toBe(false)
    const unusual = { type: 'Split', pattern: { Regex: 'a b|.' }, behavior: 'Isolated', invert: false }
    // No merges, no words: every cut is right.
    expect(tokenizerFromJson({ ...file, pre_tokenizer: unusual }).encodesInParts).toBe(true)
    const merged = JSON.parse(trainTokenizer(['ab ab'], { vocabularySize: 260 }).toJson()) as Record<string, unknown>
    const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false }
    const joined = { ...merged, pre_tokenizer: { type: 'Sequence', pretokenizers: [unusual, bytes] } }
    expect(tokenizerFromJson(joined).encodesInParts).toBe(false)
  })
})

it('a stream holds the texts one behind the other, whatever room was expected', () => {
  const tokenizer = trainTokenizer(['abc'], { vocabularySize: 257 })
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1 }),
      fc.nat(40),
      (texts, room) => {
        expect(tokenizer.decode(idsOf(tokenizer, texts, room))).toBe(texts.join(''))
      },
    ),
  )
  const stream = tokenStream(tokenizer, { expected: 10, shared: true })
  stream.add('abc')
  stream.addIds([0])
  expect([stream.length, stream.ids().at(-1), stream.ids().buffer instanceof SharedArrayBuffer]).toEqual([4, 0, true])
  // Special tokens of a stranger's text are plain text.
  expect(tokenizer.decode(idsOf(tokenizer, ['<|endoftext|>']))).toBe('<|endoftext|>')
  expect(idsOf(tokenizer, ['<|endoftext|>']).length).toBe(13)
  expect(() => tokenStream(tokenizer, { name: 'book.txt' }).ids()).toThrow(/made of text[^]*nothing in book.txt/)
})

it('an alphabet is a tokenizer whose ids are the places of the characters', () => {
  const tokenizer = characterTokenizer('zebra \n')
  expect([...tokenizer.encode('a zebra\n').ids]).toEqual([4, 5, 0, 1, 2, 3, 4, 6])
  expect(tokenizerFromJson(tokenizer.toJson()).decode([0, 1, 2])).toBe('zeb')
  expect(() => tokenizer.encode('zebu')).toThrow(/never seen[^]*"u" \(U\+0075\)/)
  expect(() => characterTokenizer('aba')).toThrow(/each of its characters once[^]*"a" twice/)
  expect(() => characterTokenizer('')).toThrow(/none/)
})
