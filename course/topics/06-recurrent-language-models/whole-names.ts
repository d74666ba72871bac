// Names one by one: each example is a whole name, and at every letter the next one is asked for.
// Source: A. Karpathy, makemore, 2022.
import type { Dataset } from '@ddlf/data'
import { tokenizerArtifact, type DataIo, type DataPart, type DataSource } from '@ddlf/lab/experiments'
import { permutation, randomKey } from '@ddlf/tensor/random'
import { NAMES } from './alphabets.ts'

/** The target of positions that count nowhere. */
export const BEHIND_THE_END = -1
/** Names that are held out. */
export const HELD_OUT = 1000

/** What the examples follow from. */
export interface WholeNameSettings {
  /** Letters that the model sees at once. */
  readonly blockSize: number
  readonly seed: number
}

/**
 * A name as it is read, behind the dot that begins it, and what is asked for at each letter: the next one, at last the
 * dot that ends it. Behind that dots fill up, and nothing is asked for.
 */
export function readName(name: string, size: number): { readonly tokens: number[]; readonly targets: number[] } {
  const letters = Array.from(name, letter => NAMES.indexOf(letter))
  const filled = (start: readonly number[], by: number) => [...start, ...Array<number>(size - start.length).fill(by)]
  return { tokens: filled([0, ...letters], 0), targets: filled([...letters, 0], BEHIND_THE_END) }
}

/** Columns `tokens` and `targets`, int32 [blockSize]: all names but those held out, or these. */
export function wholeNamesOf(part: DataPart, all: readonly string[], { blockSize, seed }: WholeNameSettings): Dataset {
  const order = permutation(randomKey(seed, 'names'), all.length)
  const own = part === 'train' ? order.subarray(0, -HELD_OUT) : order.subarray(-HELD_OUT)
  const read = Array.from(own, place => readName(all[place] as string, blockSize))
  const column = (which: 'tokens' | 'targets') =>
    ({ dtype: 'int32', shape: [blockSize], data: Int32Array.from(read.flatMap(name => name[which])) }) as const
  const columns = { tokens: column('tokens'), targets: column('targets') }
  return { name: `names/${part}`, length: own.length, columns }
}

const tokenizerOf = (io: DataIo) =>
  io.artifact(tokenizerArtifact, async () => {
    const { characterTokenizer } = await import('@ddlf/data/tokenizers')
    return characterTokenizer(NAMES).toJson()
  }, true)

export const wholeNames: DataSource<WholeNameSettings> = {
  name: 'names',
  parts: ['train', 'validation'],
  form: ({ blockSize }) => {
    const column = { dtype: 'int32', shape: [blockSize] } as const
    return { columns: { tokens: column, targets: column }, vocabulary: NAMES.length, examples: 32_033 - HELD_OUT }
  },
  async settle(_, io) {
    await tokenizerOf(io)
    return {}
  },
  async load(part, settings, io) {
    const { text } = await io.dataset('names', 'all')
    return wholeNamesOf(part, text?.['text'] ?? [], settings)
  },
}
