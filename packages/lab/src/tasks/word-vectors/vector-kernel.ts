// The two innermost loops of learning vectors of words, on four numbers at once: a small WebAssembly module, written
// here instruction by instruction. `plainKernel` says the same in TypeScript; a test holds the two together.
// Source: WebAssembly specification 2.0, sections 5.4 and 5.5 (binary format) and vector instructions.

/** What is given of an answer: how far it is from the truth. @param k 0 for the word that stands there */
export type Judge = (score: number, k: number) => number

/** The inner loops, on rows of one memory that are named by where they begin, in bytes. */
export interface VectorKernel {
  readonly memory: ArrayBuffer
  /**
   * A vector scores the rows of a list of words; each row takes a step along the vector, and the step of the vector is
   * added to `back`.
   * @param words where the list of int32 begins @param output where the table of rows begins
   */
  predict(vector: number, words: number, count: number, back: number, output: number, rate: number): void
  /** row += factor x other */
  add(row: number, other: number, factor: number): void
}

/** Bytes that are computed at once: rows are a multiple of it. */
export const LANES = 16

/** The loops in words. @param bytes of a row */
export function plainKernel(memory: ArrayBuffer, bytes: number, judge: Judge): VectorKernel {
  const numbers = new Float32Array(memory)
  const whole = new Int32Array(memory)
  const size = bytes / 4
  // #region predict
  const predict = (vector: number, list: number, count: number, backAt: number, output: number, rate: number) => {
    const [from, back] = [vector / 4, backAt / 4]
    for (let k = 0; k < count; k++) {
      const row = output / 4 + (whole[list / 4 + k] as number) * size
      let score = 0
      for (let d = 0; d < size; d++) score += (numbers[from + d] as number) * (numbers[row + d] as number)
      const step = rate * judge(score, k) // rate x (1 - sigmoid) for the true word, rate x (0 - sigmoid) for others
      for (let d = 0; d < size; d++) {
        const weight = numbers[row + d] as number
        numbers[back + d] = (numbers[back + d] as number) + step * weight
        numbers[row + d] = weight + step * (numbers[from + d] as number)
      }
    }
  }
  // #endregion
  const add = (row: number, other: number, factor: number) => {
    const [to, from] = [row / 4, other / 4]
    for (let d = 0; d < size; d++)
      numbers[to + d] = (numbers[to + d] as number) + factor * (numbers[from + d] as number)
  }
  return { memory, predict, add }
}

const [I32, F32, V128] = [0x7f, 0x7d, 0x7b]
const [LOOP, END, NOTHING, CALL] = [0x03, 0x0b, 0x40, 0x10]
const [I32_ADD, I32_MUL, I32_LESS, F32_ADD, F32_MUL] = [0x6a, 0x6c, 0x49, 0x92, 0x94]

/** A number in groups of seven bits. Source: LEB128, section 5.2.2. */
function leb(value: number): number[] {
  const low = value & 0x7f
  return value < 0x80 ? [low] : [low | 0x80, ...leb(value >>> 7)]
}
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const tee = (local: number) => [0x22, local]
const constant = (value: number) => [0x41, value]
const repeatIf = [0x0d, 0x00]
const vector = (instruction: number, ...more: readonly number[]) => [0xfd, ...leb(instruction), ...more]
const load = vector(0x00, 4, 0)
const store = vector(0x0b, 4, 0)
const splat = vector(0x13)
const lane = (index: number) => vector(0x1f, index)
const [vectorAdd, vectorMul] = [vector(0xe4), vector(0xe6)]
const sum = (a: number, b: number) => [...get(a), ...get(b), I32_ADD]

/** A loop over the bytes of a row, `LANES` at a time. */
const overRow = (at: number, bytes: number, body: readonly number[]): number[] => [
  ...constant(0), ...set(at), LOOP, NOTHING, ...body,
  ...get(at), ...constant(LANES), I32_ADD, ...tee(at), ...get(bytes), I32_LESS, ...repeatIf, END,
]

/** Parameters: vector, words, count, back, output, bytes, rate; then k, row, d, and vectors total, step, weight. */
function predictCode(): number[] {
  const [from, words, count, back, output, bytes, rate, k, row, d, total, step, weight] =
    Array.from({ length: 13 }, (_, i) => i) as [
      number, number, number, number, number, number, number, number, number, number, number, number, number,
    ]
  const lanes = [0, 1, 2, 3].flatMap(i => [...get(total), ...lane(i), ...(i > 0 ? [F32_ADD] : [])])
  return [
    LOOP, NOTHING,
    // row = output + words[k] * bytes
    ...get(output), ...get(words), ...get(k), ...constant(2), 0x74, I32_ADD, 0x28, 2, 0, ...get(bytes), I32_MUL,
    I32_ADD, ...set(row),
    ...vector(0x0c), ...new Array<number>(16).fill(0), ...set(total),
    ...overRow(d, bytes, [
      ...get(total), ...sum(from, d), ...load, ...sum(row, d), ...load, ...vectorMul, ...vectorAdd, ...set(total),
    ]),
    ...get(rate), ...lanes, ...get(k), CALL, 0, F32_MUL, ...splat, ...set(step),
    ...overRow(d, bytes, [
      ...sum(row, d), ...load, ...set(weight),
      ...sum(back, d), ...sum(back, d), ...load, ...get(step), ...get(weight), ...vectorMul, ...vectorAdd, ...store,
      ...sum(row, d), ...get(weight), ...get(step), ...sum(from, d), ...load, ...vectorMul, ...vectorAdd, ...store,
    ]),
    ...get(k), ...constant(1), I32_ADD, ...tee(k), ...get(count), I32_LESS, ...repeatIf, END, END,
  ]
}

/** Parameters: row, other, bytes, factor; then d. */
const addCode = (): number[] => [
  ...overRow(4, 2, [
    ...sum(0, 4), ...sum(0, 4), ...load, ...get(3), ...splat, ...sum(1, 4), ...load, ...vectorMul, ...vectorAdd,
    ...store,
  ]),
  END,
]

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const list = (parts: readonly (readonly number[])[]) => [...leb(parts.length), ...parts.flat()]
  const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content]
  const name = (text: string) => [text.length, ...Array.from(text, letter => letter.charCodeAt(0))]
  const type = (parameters: readonly number[], results: readonly number[]) =>
    [0x60, ...list(parameters.map(one => [one])), ...list(results.map(one => [one]))]
  const body = (locals: readonly (readonly number[])[], code: readonly number[]) => {
    const whole = [...list(locals), ...code]
    return [...leb(whole.length), ...whole]
  }
  return Uint8Array.from([
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
    ...section(1, list([
      type([F32, I32], [F32]),
      type([I32, I32, I32, I32, I32, I32, F32], []),
      type([I32, I32, I32, F32], []),
    ])),
    ...section(2, list([
      [...name('lab'), ...name('judge'), 0x00, 0x00], [...name('lab'), ...name('memory'), 0x02, 0x00, 0x01],
    ])),
    ...section(3, list([[1], [2]])),
    ...section(7, list([[...name('predict'), 0x00, 1], [...name('add'), 0x00, 2]])),
    ...section(10, list([body([[3, I32], [3, V128]], predictCode()), body([[1, I32]], addCode())])),
  ])
}

let compiled: WebAssembly.Module | undefined
const PAGE = 65_536

/** The loops on four numbers at once; in words where WebAssembly has no vectors. @param bytes of memory */
export function vectorKernel(memoryBytes: number, bytes: number, judge: Judge): VectorKernel {
  const code = moduleBytes()
  if (!WebAssembly.validate(code)) return plainKernel(new ArrayBuffer(memoryBytes), bytes, judge)
  compiled ??= new WebAssembly.Module(code)
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(memoryBytes / PAGE)) })
  const { exports } = new WebAssembly.Instance(compiled, { lab: { judge, memory } })
  const predict = exports['predict'] as (...numbers: readonly number[]) => void
  const add = exports['add'] as (...numbers: readonly number[]) => void
  return {
    memory: memory.buffer,
    predict(vector, words, count, back, output, rate) {
      predict(vector, words, count, back, output, bytes, rate)
    },
    add(row, other, factor) {
      add(row, other, bytes, factor)
    },
  }
}
