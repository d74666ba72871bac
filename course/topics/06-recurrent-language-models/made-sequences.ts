// Sequences that are made, not collected: two marked numbers of a hundred to add, and two letters whose order counts.
// Source: Hochreiter and Schmidhuber, "Long short-term memory", 1997, experiments 4 and 6a, as shortened by
// cybertronai/schmidhuber-problems, 2025.
import { allocate, type Dataset } from '@ddlf/data'
import type { DataForm, DataPart, DataSource } from '@ddlf/lab/experiments'
import { randomKey, uniforms } from '@ddlf/tensor/random'

/** What the sequences follow from. */
export interface SequenceSettings {
  /** Steps of a sequence. */
  readonly length: number
  /** Sequences that are learned from. */
  readonly sequences: number
  readonly seed: number
}

/** Sequences that judge. */
const JUDGED = 512
/** Numbers of a step: the value, and 1 where it is marked. */
const VALUE_AND_MARK = 2

/** Uniform numbers of one sequence of a part. */
const drawn = (what: string, part: DataPart, { seed }: SequenceSettings, i: number, count: number) =>
  uniforms(randomKey(seed, `${what} ${part}`, i), count)
const below = (limit: number, uniform: number | undefined) => Math.floor(limit * (uniform ?? 0))
const counted = (part: DataPart, { sequences }: SequenceSettings) => (part === 'train' ? sequences : JUDGED)

/**
 * Numbers from -1 to 1, one marked in each half, and the sum of the two: `inputs` float32 [length, 2], `targets`
 * float32 [].
 */
export function markedNumbers(part: DataPart, settings: SequenceSettings, shared = false): Dataset {
  const { length } = settings
  const count = counted(part, settings)
  const half = Math.floor(length / 2)
  const inputs = allocate('float32', count * length * VALUE_AND_MARK, shared)
  const targets = allocate('float32', count, shared)
  for (let i = 0; i < count; i++) {
    const uniform = drawn('marked numbers', part, settings, i, length + 2)
    const marked = [below(half, uniform[length]), half + below(length - half, uniform[length + 1])]
    for (let step = 0; step < length; step++) {
      const at = (i * length + step) * VALUE_AND_MARK
      inputs[at] = 2 * (uniform[step] as number) - 1
      if (!marked.includes(step)) continue
      inputs[at + 1] = 1
      targets[i] = (targets[i] as number) + inputs[at]
    }
  }
  return {
    name: `marked numbers/${part}`,
    length: count,
    columns: {
      inputs: { dtype: 'float32', shape: [length, VALUE_AND_MARK], data: inputs },
      targets: { dtype: 'float32', shape: [], data: targets },
    },
  }
}

/** Letters in the order of their numbers: a to d say nothing, X and Y count, B begins and E ends. */
export const LETTERS = 'abcdXYBE'
const [NOTHING, FIRST_THAT_COUNTS, BEGINS, ENDS] = [4, 4, 6, 7]
export const ORDERS = ['XX', 'XY', 'YX', 'YY'] as const
/** First and last step at which either letter may stand, of fifty. */
const PLACES = [[3, 12], [25, 40]] as const
/** Steps of a sequence of letters. */
export const ORDER_LENGTH = 50

/** Fifty letters, two of which are X or Y, and which of the four orders they make: `tokens` int32 [50], `labels`. */
export function orderedLetters(part: DataPart, settings: SequenceSettings, shared = false): Dataset {
  const count = counted(part, settings)
  const tokens = allocate('int32', count * ORDER_LENGTH, shared)
  const labels = allocate('int32', count, shared)
  for (let i = 0; i < count; i++) {
    const uniform = drawn('ordered letters', part, settings, i, ORDER_LENGTH + 4)
    const start = i * ORDER_LENGTH
    for (let step = 0; step < ORDER_LENGTH; step++) tokens[start + step] = below(NOTHING, uniform[step])
    tokens[start] = BEGINS
    tokens[start + ORDER_LENGTH - 1] = ENDS
    PLACES.forEach(([from, to], k) => {
      const step = from + below(to - from + 1, uniform[ORDER_LENGTH + 2 * k])
      const letter = below(2, uniform[ORDER_LENGTH + 2 * k + 1])
      tokens[start + step] = FIRST_THAT_COUNTS + letter
      labels[i] = 2 * (labels[i] as number) + letter
    })
  }
  return {
    name: `ordered letters/${part}`,
    length: count,
    columns: {
      tokens: { dtype: 'int32', shape: [ORDER_LENGTH], data: tokens },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
    classes: ORDERS,
  }
}

const made = (
  name: string, form: (settings: SequenceSettings) => DataForm, make: typeof markedNumbers,
): DataSource<SequenceSettings> => ({
  name,
  parts: ['train', 'test'],
  decides: ['length'],
  form: settings => ({ ...form(settings), examples: settings.sequences }),
  load: (part, settings, { shared }) => Promise.resolve(make(part, settings, shared && part === 'train')),
})

/** Two marked numbers of many, and their sum. */
export const addingProblem = made('made numbers', ({ length }) => ({
  columns: {
    inputs: { dtype: 'float32', shape: [length, VALUE_AND_MARK] }, targets: { dtype: 'float32', shape: [] },
  },
}), markedNumbers)

/** Two letters of many, and their order. */
export const temporalOrder = made('made letters', () => ({
  columns: { tokens: { dtype: 'int32', shape: [ORDER_LENGTH] }, labels: { dtype: 'int32', shape: [] } },
  classes: ORDERS,
  vocabulary: LETTERS.length,
}), orderedLetters)
