// What each word of a text does to an answer: the model is asked again about the text without it.
import { UserError } from '@ddlf/tensor/errors'
import type { ClassProbability } from '../tasks/task.ts'
import type { Predictor, TextReader } from './predict.ts'

/** What one word of a text does. */
export interface WordEffect {
  readonly word: string
  /** The log-odds of the class with the word, minus those without it: above 0 it speaks for the class. */
  readonly effect: number | undefined
  /**
   * Why there is no effect: nothing that the model knows is left without the word, or a probability is 0 in single
   * precision, with the word or without it, and its log-odds have no end.
   */
  readonly untold?: 'nothing left' | 'too sure'
}

/** What a model says of a text, and what its words do to that. */
export interface LeftOutWords {
  /** The most likely first. */
  readonly classes: readonly ClassProbability[]
  /** The class that the effects are of. */
  readonly of: string
  /** In the order of the text. */
  readonly words: readonly WordEffect[]
}

/** Texts that are asked about at once. */
const AT_ONCE = 32

/** log p - log (1 - p), where the others' probabilities tell 1 - p more exactly than p does. */
function logOdds(classes: readonly ClassProbability[], name: string): number {
  const others = classes.reduce((sum, one) => (one.name === name ? sum : sum + one.probability), 0)
  return Math.log(classes.find(one => one.name === name)?.probability ?? 0) - Math.log(others)
}

/**
 * Takes the words of a text out, one at a time, and asks again. Words are what stands between blanks. Of a model that
 * adds up votes these are the votes; of any other the effect of two words together is not the sum of theirs.
 * Source: Li, Monroe and Jurafsky, "Understanding neural networks through representation erasure", 2016, equation 1
 * (there relative to the log-likelihood with the word).
 * @param of name of a class; default the most likely one
 * @throws UserError where the model does not answer with classes, has no class of that name, or there is but one word
 * @example
 * const asking = predictor(experiment, settings, model, runtime)
 * const { words } = await leftOutWords(asking, await textReader(experiment, settings), 'not bad at all')
 */
export async function leftOutWords(
  { askAll }: Pick<Predictor, 'askAll'>,
  { prepare }: Pick<TextReader, 'prepare'>,
  text: string,
  of?: string,
): Promise<LeftOutWords> {
  const words = text.split(/\s+/).filter(word => word !== '')
  if (words.length < 2) {
    throw new UserError({
      rule: 'Words are taken out one at a time, so a text needs two or more.',
      received: JSON.stringify(text.slice(0, 60)),
      next: 'Write a text of several words with blanks between them.',
    })
  }
  const classesOf = async (texts: readonly string[]) => {
    const answers = await askAll(texts.map(prepare))
    return answers.map(answer => {
      if (answer.kind === 'classes') return answer.classes
      throw new UserError({
        rule: 'The effect of a word is on a class.', received: `a model that answers with a ${answer.kind}`,
        next: 'Ask it about the text alone.',
      })
    })
  }
  const [classes = []] = await classesOf([text])
  const name = of ?? classes[0]?.name ?? ''
  if (!classes.some(one => one.name === name)) {
    throw new UserError({
      rule: 'The model has no class of this name.', received: name,
      next: `It has ${classes.map(one => one.name).join(', ')}.`,
    })
  }
  const whole = logOdds(classes, name)
  // A rest without a word that the model knows cannot be asked about.
  const rests = words.flatMap((_, i) => {
    const rest = words.toSpliced(i, 1).join(' ')
    return isRead(prepare, rest) ? [{ i, rest }] : []
  })
  const effects = new Map<number, number>()
  for (let from = 0; from < rests.length; from += AT_ONCE) {
    const some = rests.slice(from, from + AT_ONCE)
    for (const [k, found] of (await classesOf(some.map(({ rest }) => rest))).entries())
      effects.set(some[k]?.i ?? 0, whole - logOdds(found, name))
  }
  return { classes, of: name, words: words.map((word, i) => effectOf(word, effects.get(i))) }
}

function effectOf(word: string, effect: number | undefined): WordEffect {
  if (effect === undefined) return { word, effect, untold: 'nothing left' }
  return Number.isFinite(effect) ? { word, effect } : { word, effect: undefined, untold: 'too sure' }
}

function isRead(prepare: TextReader['prepare'], text: string): boolean {
  try {
    prepare(text)
    return true
  } catch (error) {
    if (error instanceof UserError) return false
    throw error
  }
}
