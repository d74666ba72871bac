// The vectors that are learned in the page: skip-gram on some speeches, and who is near whom so far.
import { countWords, nearestTokens, NegativeSampling } from '@ddlf/lab/experiments'
import { randomKey, uniforms } from '@ddlf/tensor/random'

/** Speeches as numbers of words. */
export interface Speeches {
  /** The most frequent first. */
  readonly words: readonly string[]
  /** Words of each speech. */
  readonly lengths: readonly number[]
  /** The words of all speeches, one after another. */
  readonly tokens: Int32Array
}

/** Few numbers, so that much is read in seconds. */
const [SIZE, WINDOW, NEGATIVES, RATE] = [32, 4, 5, 0.05]
/** More than is read in a few seconds: the rate hardly falls. */
const PASSES = 40
const NEAR = 6
/** Words that stand beside everything are near nothing. */
const GLUE = 60

/** Vectors that learn a little at every call. */
export interface LearningWords {
  /** Words read so far, over all passes. */
  readonly read: number
  /** Reads a piece. @returns its mean loss in nats; undefined where all passes are done */
  learn(): number | undefined
  /** The words that are nearest to one, as learned so far; undefined where it is not known. */
  near(word: string): readonly { readonly word: string; readonly similarity: number }[] | undefined
}

/** Vectors that know nothing yet. @param seed of the first vectors and of what is drawn */
export function learningWords({ words, lengths, tokens }: Speeches, seed = 1): LearningWords {
  const input = uniforms(randomKey(seed, 'words in the page'), words.length * SIZE, -0.5 / SIZE, 0.5 / SIZE)
  const output = new Float32Array(words.length * SIZE)
  const offsets = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => (offsets[i + 1] = (offsets[i] as number) + length))
  const learning = new NegativeSampling({ input, output }, countWords(tokens, words.length), {
    method: 'skip-gram', window: WINDOW, negatives: NEGATIVES, subsample: 1e-3, learningRate: RATE, epochs: PASSES,
    seed,
  })
  const reports = learning.learn({ tokens, offsets })
  let read = 0
  return {
    get read() {
      return read
    },
    learn() {
      const { value, done } = reports.next()
      if (done === true) return undefined
      read = value.words
      return value.loss
    },
    near(word) {
      const id = words.indexOf(word.trim().toLowerCase())
      if (id < 0) return undefined
      learning.save()
      return nearestTokens(input, words.length, id, NEAR + GLUE)
        .filter(one => one.id >= GLUE)
        .slice(0, NEAR)
        .map(one => ({ word: words[one.id] as string, similarity: one.similarity }))
    },
  }
}
