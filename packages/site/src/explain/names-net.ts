// A small net that has read first names, in a small file, and what it writes at some temperature.
import { randomKey, uniformAt } from '@ddlf/tensor/random'
import { z } from 'zod'
import { softmax } from './linear-digits.ts'

const LETTERS = '.abcdefghijklmnopqrstuvwxyz'

const matrix = z.strictObject({
  /** Signed bytes, base64; times `scale` they are the weights, row by row. */
  bytes: z.string(),
  scale: z.number(),
})

export const namesNetSchema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  blockSize: z.number(),
  embedding: z.number(),
  hidden: z.number(),
  /** [27, embedding], [hidden, blockSize * embedding], [hidden], [27, hidden], [27]. */
  tokens: matrix,
  weights: matrix,
  bias: matrix,
  logits: matrix,
  logitsBias: matrix,
  /** Of a thousand names drawn at each temperature: the share that stands in the list, and that is new. */
  temperatures: z.array(z.number()),
  known: z.array(z.number()),
  /** The share of different names among them. */
  different: z.array(z.number()),
})

export type PackedNamesNet = z.infer<typeof namesNetSchema>
/** What a page needs of it. */
export type NamesNetOfPage = Omit<PackedNamesNet, 'temperatures' | 'known' | 'different' | 'settings' | 'experiment'>

export interface NamesNet {
  /** Logits of the letter after a context, 27 of them. @param context numbers of letters, `blockSize` of them */
  readonly logits: (context: readonly number[]) => number[]
  readonly blockSize: number
}

function read({ bytes, scale }: z.infer<typeof matrix>): Float32Array {
  const unpacked = Uint8Array.from(atob(bytes), letter => letter.charCodeAt(0))
  return Float32Array.from(new Int8Array(unpacked.buffer), value => value * scale)
}

export function readNamesNet(packed: NamesNetOfPage): NamesNet {
  const { blockSize, embedding, hidden } = packed
  const [tokens, weights, bias] = [read(packed.tokens), read(packed.weights), read(packed.bias)]
  const [last, lastBias] = [read(packed.logits), read(packed.logitsBias)]
  const row = (matrix: Float32Array, k: number, input: ArrayLike<number>, start: number) => {
    let sum = start
    for (let i = 0; i < input.length; i++) sum += (matrix[k * input.length + i] ?? 0) * (input[i] ?? 0)
    return sum
  }
  return {
    blockSize,
    logits: context => {
      const input = context.flatMap(id => [...tokens.subarray(id * embedding, (id + 1) * embedding)])
      const h = Array.from({ length: hidden }, (_, k) => Math.tanh(row(weights, k, input, bias[k] ?? 0)))
      return Array.from(lastBias, (start, k) => row(last, k, h, start))
    },
  }
}

/** One letter as it was drawn. */
export interface DrawnLetter {
  readonly letter: string
  /** Of all letters, in the order of the alphabet, the end of a name first. */
  readonly probabilities: readonly number[]
}

/** Letters drawn one after another, names parted by dots: with one seed the same luck at every temperature. */
export function drawLetters(net: NamesNet, temperature: number, count: number, seed = 1): DrawnLetter[] {
  let context = new Array<number>(net.blockSize).fill(0)
  return Array.from({ length: count }, (_, i) => {
    const probabilities = softmax(net.logits(context).map(logit => logit / temperature))
    const luck = uniformAt(randomKey(seed, 'letter', i), 0)
    let [id, passed] = [0, probabilities[0] ?? 0]
    while (passed <= luck && id < LETTERS.length - 1) passed += probabilities[++id] ?? 0
    context = id === 0 ? context.map(() => 0) : [...context.slice(1), id]
    return { letter: LETTERS[id] ?? '.', probabilities }
  })
}

/** Whole names. */
export function drawNames(net: NamesNet, temperature: number, count: number, seed = 1): string[] {
  const names: string[] = []
  for (let round = 0; names.length < count; round++) {
    const letters = drawLetters(net, temperature, 400, seed + round)
    names.push(...letters.map(({ letter }) => letter).join('').split('.').slice(0, -1))
  }
  return names.slice(0, count)
}
