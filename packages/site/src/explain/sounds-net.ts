// A small net that says how words are spoken, in a small file, and which letters it looked at for each sound.
import { recurrentTranslator } from '@ddlf/course/recurrent-translator'
import { decodeSequences, evaluationStep, loadStateDict, stateDict, withSeed } from '@ddlf/nn'
import { cast, concat, full, referenceRuntime, slice } from '@ddlf/tensor'
import { z } from 'zod'
import { LONGEST_WORD, type Spelled } from './sounds-figure.ts'

/** The tokens that every vocabulary of pairs begins with. */
const [START, END, SPECIAL] = [1, 2, 4]
/** Letters with the end of the word, and the most sounds. */
const [SOURCE, STEPS] = [LONGEST_WORD + 1, 20]

const spelled = z.strictObject({
  word: z.string(),
  sounds: z.array(z.string()).readonly(),
  weights: z.array(z.array(z.number()).readonly()).readonly(),
})

export const soundsNetSchema = z.strictObject({
  experiment: z.string(),
  settings: z.record(z.string(), z.unknown()),
  /** Share of the first words of the test part that are not exactly right, of the net as it is packed; how many. */
  error: z.number(),
  judged: z.number(),
  width: z.number(),
  layers: z.number(),
  /** Letters and sounds, in the order of their tokens. */
  symbols: z.array(z.string()),
  example: spelled,
})

export type SoundsNet = z.infer<typeof soundsNetSchema>

const BYTE = 127

/** Rows of a tensor: a vector is one row. */
const rowsOf = (shape: readonly number[]) => (shape.length > 1 ? (shape[0] as number) : 1)

type Sizes = Pick<SoundsNet, 'width' | 'layers' | 'symbols'>

const untrained = ({ width, layers, symbols }: Sizes) =>
  withSeed(0, () => recurrentTranslator({
    looks: 'luong', vocabulary: SPECIAL + symbols.length, width, layers, dropout: 0,
  }))

/** Weights as a file: of each tensor, row by row, a scale (float32, little-endian) and signed bytes. */
export function packSounds(sizes: Sizes, weightOf: (name: string) => Float32Array): Uint8Array {
  const parts: Uint8Array[] = []
  for (const [name, { shape }] of Object.entries(stateDict(untrained(sizes)))) {
    const data = weightOf(name)
    const columns = data.length / rowsOf(shape)
    for (let row = 0; row < rowsOf(shape); row++) {
      const values = data.subarray(row * columns, (row + 1) * columns)
      const scale = Math.max(...values.map(Math.abs), 1e-12) / BYTE
      const head = new Uint8Array(4)
      new DataView(head.buffer).setFloat32(0, scale, true)
      parts.push(head, new Uint8Array(Int8Array.from(values, value => Math.round(value / scale)).buffer))
    }
  }
  return Uint8Array.from(parts.flatMap(part => [...part]))
}

/** The net with the weights of a file. */
function readSounds(sizes: Sizes, file: ArrayBuffer) {
  const model = untrained(sizes)
  const view = new DataView(file)
  let at = 0
  const state = Object.entries(stateDict(model)).map(([name, { shape, dtype, data }]) => {
    const values = new Float32Array(data.length)
    const columns = values.length / rowsOf(shape)
    for (let i = 0; i < values.length; i += columns) {
      const scale = view.getFloat32(at, true)
      const bytes = new Int8Array(file, at + 4, columns)
      values.set(Float32Array.from(bytes, byte => byte * scale), i)
      at += 4 + columns
    }
    return [name, { shape, dtype, data: values }] as const
  })
  loadStateDict(model, Object.fromEntries(state))
  return model
}

/** Spells the sounds of words. @param file as `packSounds` makes it */
export function soundsSpeller(net: Sizes, file: ArrayBuffer): (word: string) => Promise<Spelled> {
  const model = readSounds(net, file)
  const ask = evaluationStep({
    model,
    batch: { source: { shape: [1, SOURCE], dtype: 'int32' } },
    compute: (one, { source }) => {
      const memory = one.encode(source)
      const tokens = decodeSequences({
        logits: read => one.decode(read, memory).logits, batch: 1, steps: STEPS, startToken: START, endToken: END,
      })
      const read = concat([full([1, 1], START, 'int32'), slice(tokens, { axis: 1, end: -1 })], 1)
      const { weights } = one.decode(read, memory)
      if (!weights) throw new Error('The net that spells looks at nothing.')
      return { tokens: cast(tokens, 'float32'), weights }
    },
    runtime: referenceRuntime,
  })
  const tokenOf = new Map(net.symbols.map((symbol, i) => [symbol, SPECIAL + i]))
  return async word => {
    const letters = Array.from(word).slice(0, LONGEST_WORD)
    const source = new Int32Array(SOURCE)
    source.set([...letters.map(letter => tokenOf.get(letter) ?? SPECIAL - 1), END])
    const { tokens, weights } = await ask(source)
    const written = Array.from(tokens.data)
    const end = written.indexOf(END)
    const sounds = written.slice(0, end < 0 ? STEPS : end).map(token => net.symbols[token - SPECIAL] ?? '?')
    const row = (i: number) =>
      Array.from(weights.data.subarray(i * SOURCE, i * SOURCE + letters.length), share => Number(share.toFixed(3)))
    return { word: letters.join(''), sounds, weights: sounds.map((_, i) => row(i)) }
  }
}
