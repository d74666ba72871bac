// What needs no training: how large a GPT is, what a pass of it costs, how many tokens a text has.
// Source: Karpathy, nanoGPT, transformer_sizing.ipynb and data/shakespeare*/readme.md, 2023.
import { datasetCard } from '@ddlf/data'

/** Sizes of a GPT. */
export interface GptSize {
  readonly vocabulary: number
  readonly blockSize: number
  readonly layers: number
  readonly width: number
}

export const GPT2_SMALL: GptSize = { vocabulary: 50_257, blockSize: 1024, layers: 12, width: 768 }

// #region weights
/** Weights of a GPT without biases, whose last layer is the table of tokens. */
export const weightsOf = ({ vocabulary, blockSize, layers, width }: GptSize): number => {
  const tables = (vocabulary + blockSize) * width
  // Queries, keys, values and what joins the heads: 4. The perceptron: twice 4.
  const layer = 12 * width ** 2 + 2 * width
  return tables + layers * layer + width
}
// #endregion

/** Floating-point operations of a pass over a whole block, two for each product; norms and softmax not counted. */
export const passOf = ({ vocabulary, blockSize, layers, width }: GptSize): number => {
  const matrices = 2 * blockSize * 12 * width ** 2
  const scoresAndMeans = 2 * 2 * blockSize ** 2 * width
  return layers * (matrices + scoresAndMeans) + 2 * blockSize * width * vocabulary
}

/** Characters of tiny Shakespeare, which has one byte for each: the first nine tenths, and the rest. */
export function charactersOfShakespeare(): { readonly train: number; readonly validation: number } {
  const all = datasetCard('tiny-shakespeare').editions[0]?.files[0]?.bytes ?? 0
  const train = Math.floor(0.9 * all)
  return { train, validation: all - train }
}

/** Tokens of GPT-2's vocabulary in the same two parts, counted by our tokenizer with its published file. */
export const GPT2_TOKENS = { train: 301_966, validation: 36_059 } as const
