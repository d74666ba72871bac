// What can be wrong with a tokenizer file, a text, an id or an option, and what the error says.
import {
  padBatch,
  tokenizerFromJson,
  tokenizerTrainer,
  trainTokenizer,
  truncate,
  type TrainerOptions,
} from '@ddlf/data/tokenizers'
import { expect, it } from 'vitest'

const byteLevel = trainTokenizer(['some text, some more text'], { vocabularySize: 270 })
const characters = trainTokenizer(['abc'], { kind: 'characters' })
const file = (more: object) => ({
  version: '1.0',
  model: { type: 'WordLevel', vocab: { a: 0 }, unk_token: 'a' },
  ...more,
})
const model = (settings: object) =>
  file({ model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [], ...settings } })

it.each<[string, unknown, RegExp]>([
  ['no JSON', '{"version"', /must hold JSON/],
  ['no tokenizer', '[1, 2]', /JSON without a model/],
  ['another version', file({ version: '2.0' }), /only version "1\.0"[^]*Received: "2\.0"/],
  ['no version', file({ version: undefined }), /only version "1\.0"[^]*no version/],
  ['an unknown model', file({ model: { type: 'Markov', vocab: {} } }), /model of type "Markov"/],
  ['an unknown pre-tokenizer', file({ pre_tokenizer: { type: 'Magic' } }), /pre_tokenizer of type "Magic"[^]*Next/],
  [
    'an unknown normalizer within a sequence',
    file({ normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Nmt' }] } }),
    /normalizer of type "Nmt"/,
  ],
  ['a merge that leads nowhere', model({ merges: ['a a'] }), /all three must be in the vocabulary[^]*merge 1: "a a"/],
  ['a merge of three', model({ merges: ['a b c'] }), /merge 1: "a b c"/],
  ['an id that is none', model({ vocab: { a: -1 } }), /"a" with the id -1/],
  ['a vocabulary that is none', model({ vocab: 3 }), /model\.vocab: must map tokens to ids/],
  ['bytes for words', file({ pre_tokenizer: { type: 'ByteLevel' } }), /Bytes are read by models of type BPE alone/],
  [
    'something behind bytes',
    {
      ...model({}),
      pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'ByteLevel' }, { type: 'Whitespace' }] },
    },
    /ByteLevel must be the last/,
  ],
  [
    'a pattern that is none',
    file({ pre_tokenizer: { type: 'Split', pattern: { Regex: '(a' }, behavior: 'Isolated' } }),
    /never closed/,
  ],
  [
    'a template with a strange token',
    file({ post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<x>', type_id: 0 } }] } }),
    /template may only name its own special tokens[^]*<x>/,
  ],
])('a file with %s', (_, json, message) => {
  expect(() => tokenizerFromJson(json)).toThrow(message)
})

it.each<[string, TrainerOptions, RegExp]>([
  ['a vocabulary too small for bytes', { vocabularySize: 100 }, /257 \.\. 2097152[^]*Received: 100/],
  ['a vocabulary that is no number', { vocabularySize: NaN }, /Received: NaN/],
  ['an unknown kind', { kind: 'syllables' as 'bpe' }, /one of bpe, words, characters/],
  ['a pattern for words', { kind: 'words', pattern: 'gpt2' }, /Only bpe cuts by a pattern/],
  ['an unknown token for bytes', { unknownToken: '<unk>' }, /needs no token for unknown ones/],
  ['a minimum of none', { minimumCount: 0 }, /minimum count/],
  ['a pattern that is none', { pattern: '[[a]]' }, /class within a class/],
  ['a special token that is no list', { specialTokens: '<pad>' as never }, /specialTokens must be a list of texts/],
  ['a misspelt option', { vocabulary: 3 } as TrainerOptions, /there is no option 'vocabulary'[^]*vocabularySize/],
])('training with %s', (_, options, message) => {
  expect(() => tokenizerTrainer(options)).toThrow(message)
})

it('texts and ids', () => {
  expect(() => trainTokenizer(['', ''])).toThrow(/nothing but empty text/)
  expect(() => trainTokenizer([' \n', ''], { kind: 'words' })).toThrow(/Received: nothing but blanks/)
  expect(() => trainTokenizer(['b a a'], { kind: 'words', minimumCount: 3 })).toThrow(
    /words needs a word that occurs at least 3 times[^]*"a" occurs most often: 2 times[^]*minimum count of at most 2/,
  )
  expect(() => trainTokenizer(['baa'], { kind: 'characters', minimumCount: 3 })).toThrow(/a character that occurs/)
  expect(() => characters.encode('abd')).toThrow(/never seen[^]*"d" \(U\+0064\)[^]*bpe spells every text/)
  expect(() => characters.encode('Bad')).toThrow(/"B" \(U\+0042\)[^]*Write it small \("b" is known\), leave it out/)
  expect(() => byteLevel.encode('a\ud83d')).toThrow(/half a character[^]*U\+D83D at 1/)
  expect(() => byteLevel.decode([99_999])).toThrow(/in the vocabulary, 0 \.\. \d+\.[^]*99999/)
  expect(() => byteLevel.decode([-1])).toThrow(/Received: -1/)
  expect(() => byteLevel.decode([1.5])).toThrow(/Received: 1\.5/)
  expect(() => characters.encodeBytes(new Uint8Array(1))).toThrow(/needs a byte-level tokenizer/)
  expect(() => characters.decodeBytes([0])).toThrow(/needs a byte-level tokenizer/)
  expect(byteLevel.encode('').ids).toHaveLength(0)
  expect(() => characters.encode(undefined as never)).toThrow(/encode: the text must be a string[^]*nothing/)
  expect(() => characters.encode('a', { pair: 3 as never })).toThrow(/pair must be a string/)
  expect(() => characters.decode(5 as never)).toThrow(/decode: the ids must be a list or a typed array/)
  expect(() => byteLevel.encodeBytes('a' as never)).toThrow(/the bytes must be a Uint8Array/)
  // Its characters would each be a text.
  expect(() => trainTokenizer('some text' as never)).toThrow(/the texts must be a list of texts[^]*some text/)
  expect(() => { tokenizerTrainer().add(3 as never) }).toThrow(/a text must be a string/)
  const few = tokenizerFromJson({ ...model({}), pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false } })
  expect(() => few.encode('c')).toThrow(/no token for the byte 0x/)
  expect(() => few.encodeBytes(Uint8Array.of(0x61, 0xff))).toThrow(/no token for the byte 0xff/)
})

it('batches', () => {
  const encodings = [byteLevel.encode('some text, some more text')]
  expect(() => padBatch(encodings, { padId: 0, length: 2 })).toThrow(
    /No encoding may be longer than the batch, 2 tokens/,
  )
  expect(() => padBatch(encodings, {} as never)).toThrow(/padId/)
  expect(() => padBatch(encodings, { padId: 0, multipleOf: 0 })).toThrow(/multipleOf must be a whole number/)
  expect(() => padBatch(encodings, { padId: 0.5 })).toThrow(/padId must be a whole number/)
  expect(() => truncate(encodings, { length: 2, side: 'start' as never })).toThrow(/side must be 'left' or 'right'/)
  expect(() => truncate(encodings, { length: -1 })).toThrow(/leaves room for the special tokens[^]*-1/)
})
