// Vectors of words that another model learned, for a model that knows other words: they are found word by word.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { vocabularyArtifact } from '../../data-source/published-texts.ts'
import { wordsArtifact, type KnownWords } from '../../data-source/word-corpus.ts'
import { standardDeviation } from '../../analysis/statistics/descriptive.ts'
import type { OfferedWeights, StartingPoint } from '../../experiment/experiment.ts'

/** Where vectors lie in the two models. */
export interface VectorsByWordOptions {
  /** The table of vectors of the model that reads texts, `[tokens + 1, dimensions]`: row 0 fills up. */
  readonly into: string
  /** Whether its row 1 is any word that it does not know, as `publishedTexts({ others: true })` has it. */
  readonly others: boolean
}

/** The table in which a run of `wordVectors` keeps what its words mean. */
const LEARNED = 'input.weight'

function tableOf(weights: OfferedWeights['own'], name: string) {
  const found = weights[name]
  const [rows, width] = found?.shape ?? []
  if (found && rows !== undefined && width !== undefined && found.shape.length === 2)
    return { shape: found.shape, width, data: Float32Array.from(found.data) }
  throw new UserError({
    rule: `Vectors of words are in the table '${name}'.`,
    received: found ? `[${found.shape.join(', ')}]` : Object.keys(weights).join(', '),
    next: 'Start from a run whose model has such a table.',
  })
}

/**
 * Lets a model on `publishedTexts` begin with the vectors that a run of `wordVectors` learned, word by word. Words
 * without a vector begin as they would anyway, scaled so that their numbers have the variance of the vectors.
 * Source: Kim, "Convolutional neural networks for sentence classification", 2014, section 3.2.
 * @throws UserError where vectors have another size, or no word has one
 */
export function vectorsByWord(options: VectorsByWordOptions): StartingPoint<never>['weights'] {
  const { into, others } = checkOptions('vectorsByWord', options, ['into', 'others'])
  return ({ own, other, artifacts }) => {
    const words = JSON.parse(artifacts.own(vocabularyArtifact)) as readonly string[]
    const learned = JSON.parse(artifacts.other(wordsArtifact)) as KnownWords
    const [table, vectors] = [tableOf(own, into), tableOf(other, LEARNED)]
    const { width } = table
    if (vectors.width !== width) {
      throw new UserError({
        rule: 'Vectors to begin with must have as many numbers as those of the model.',
        received: `${vectors.width} for ${width}`,
        next: `Choose ${vectors.width} numbers of a word for the model, or start from a run with ${width}.`,
      })
    }
    const numbers = new Map(learned.words.map((word, i) => [word, i]))
    const first = others ? 2 : 1
    const found = words.flatMap((word, i) => {
      const at = numbers.get(word)
      return at === undefined ? [] : [{ row: first + i, vector: vectors.data.subarray(at * width, (at + 1) * width) }]
    })
    if (found.length === 0) {
      throw new UserError({
        rule: 'To begin with vectors of words, at least one word must have one.',
        received: `${words.length} ${words.length === 1 ? 'word' : 'words'}, none among the ${learned.words.length} ` +
          'with a vector',
        next: 'Start from a run that learned from texts of this language.',
      })
    }
    const taken = new Float32Array(found.length * width)
    for (const [i, { vector }] of found.entries()) taken.set(vector, i * width)
    // Row 0 is zeros and stays so.
    const scale = standardDeviation(taken) / standardDeviation(table.data.subarray(width))
    const data = table.data.map(value => value * scale)
    for (const { row, vector } of found) data.set(vector, row * width)
    return {
      tensors: { [into]: { shape: table.shape, dtype: 'float32', data } },
      said: `${found.length} of ${words.length} words begin with a vector of that run, the others at random`,
    }
  }
}
