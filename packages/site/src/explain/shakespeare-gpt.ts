// The GPT that writes in the page: a trained model whose matrices are kept as bytes, each row with a scale of its own.
import type { StateDict } from '@ddlf/nn'
import { z } from 'zod'

/** Largest value of a signed byte. */
const MOST = 127

export const shakespeareGptSchema = z.strictObject({
  run: z.string(),
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** Its characters in the order of their numbers. */
  alphabet: z.string(),
  parameters: z.number(),
  /** Nats a character on the held-out end of the text: with the weights of the run, and with those of this file. */
  loss: z.number(),
  roundedLoss: z.number(),
  /** Bytes of all weights. */
  bytes: z.number(),
  /** In the order of the bytes. A matrix is float32 scales, one a row, then signed bytes; a vector is float32. */
  tensors: z.array(z.strictObject({ name: z.string(), shape: z.array(z.number()) })),
  /** What becomes of its texts by how letters are drawn. */
  written: z.array(z.strictObject({
    temperature: z.number(),
    topK: z.number(),
    letters: z.number(),
    /** Share of the words that stand in the text it learned from. */
    knownWords: z.number(),
    /** Share of places whose last 30 letters stood in the same text before. */
    repeated: z.number(),
  })),
  /** What it writes, for the page before anything runs in it. */
  sample: z.strictObject({
    prompt: z.string(), temperature: z.number(), topK: z.number(), seed: z.number(), text: z.string(),
  }),
})

export type ShakespeareGpt = z.infer<typeof shakespeareGptSchema>
type Entry = ShakespeareGpt['tensors'][number]

const sizeOf = ({ shape }: Entry) => shape.reduce((a, b) => a * b, 1)
/** Rows with a scale of their own; 0: a vector, which is kept as it is. */
const rowsOf = ({ shape }: Entry) => (shape.length < 2 ? 0 : (shape[0] ?? 0))
const bytesOf = (entry: Entry) => (rowsOf(entry) === 0 ? 4 * sizeOf(entry) : 4 * rowsOf(entry) + sizeOf(entry))

/** Packs weights: each row of a matrix in 8 bits, its largest value at 127. */
export function packWeights(state: StateDict): { readonly tensors: Entry[]; readonly bytes: Uint8Array } {
  const tensors = Object.entries(state).map(([name, { shape }]) => ({ name, shape: [...shape] }))
  const bytes = new Uint8Array(tensors.reduce((sum, entry) => sum + bytesOf(entry), 0))
  let at = 0
  const put = (part: Float32Array | Int8Array) => {
    bytes.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at)
    at += part.byteLength
  }
  for (const entry of tensors) {
    const data = Float32Array.from(state[entry.name]?.data ?? [])
    const rows = rowsOf(entry)
    if (rows === 0) {
      put(data)
      continue
    }
    const width = data.length / rows
    const scales = Float32Array.from({ length: rows }, (_, row) =>
      data.subarray(row * width, (row + 1) * width).reduce((most, value) => Math.max(most, Math.abs(value)), 0) / MOST,
    )
    put(scales)
    put(Int8Array.from(data, (value, i) => Math.round(value / (scales[Math.floor(i / width)] || 1))))
  }
  return { tensors, bytes }
}

/** The weights of packed bytes, float32. @throws Error where they are not as long as the tensors ask for */
export function unpackWeights(tensors: readonly Entry[], bytes: Uint8Array): StateDict {
  const needed = tensors.reduce((sum, entry) => sum + bytesOf(entry), 0)
  if (bytes.length !== needed) throw new Error(`The weights have ${bytes.length} bytes instead of ${needed}.`)
  let at = 0
  const take = (count: number) => {
    const part = bytes.slice(at, at + count).buffer
    at += count
    return part
  }
  return Object.fromEntries(tensors.map(entry => {
    const rows = rowsOf(entry)
    if (rows === 0) {
      const vector = new Float32Array(take(4 * sizeOf(entry)))
      return [entry.name, { shape: entry.shape, dtype: 'float32', data: vector }]
    }
    const scales = new Float32Array(take(4 * rows))
    const width = sizeOf(entry) / rows
    const data = Float32Array.from(new Int8Array(take(sizeOf(entry))), (value, i) =>
      value * (scales[Math.floor(i / width)] ?? 0))
    return [entry.name, { shape: entry.shape, dtype: 'float32', data }]
  }))
}
