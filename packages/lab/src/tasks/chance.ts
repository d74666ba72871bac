// Whether a run learned anything, beside what needs no learning: naming the most frequent class, or predicting the
// mean.
import { classCounts, columnOf, type Dataset } from '@ddlf/data'
import { argmax } from '../analysis/classification/predictions.ts'
import type { Metrics, RunFacts } from './task.ts'

/** Standard errors by which an accuracy has to exceed chance: what pure guessing does in 2 of 100 runs. */
const MARGIN = 2
/** From this share of dead or saturated units of a layer on, they are named as the cause. */
const SICK = 0.5
/** From this distance to chance on, the held-out examples are said to be few. */
const WIDE = 0.2
/** A gradient below this norm moves nothing that a float32 weight keeps. */
const NO_GRADIENT = 1e-7
/**
 * Of the way from chance to all right, what a training accuracy must go before the examples are said to be fitted: the
 * mean over an epoch keeps what a net knew before it collapsed.
 */
const FITTED = 0.1
/** The share of examples that must have other labels before the two parts are said to differ. */
const APART = 0.2

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`
const rate = (value: number): string => String(Number(value.toPrecision(3)))

/** The least accuracy that shows learning where one class has this share of the examples. */
const beyondChance = (share: number, examples: number): number =>
  share + MARGIN * Math.sqrt((share * (1 - share)) / Math.max(1, examples))

const sharesOf = (dataset: Dataset): number[] =>
  Array.from(classCounts(dataset), count => count / Math.max(1, dataset.length))

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What one example alone in a batch does. */
const LONE =
  'The last batch of each epoch has one example, which moves the weights as far as all others do: set dropLast=true.'

/** A look at the data, with its command where the data have one. */
const looking = (at: string, { look }: RunFacts): string => `look ${at}${look === undefined ? '' : `: ${look}`}`

/**
 * Why, as far as the run knows, and what to try. `fits`: how well it fits its training examples, and whether that is
 * any better than no learning.
 */
function causeAndRemedy(
  facts: RunFacts,
  fits: { readonly learned: boolean; readonly words: string } | undefined,
): string {
  const { learningRate, activations = [], gradientNorm } = facts
  if (fits?.learned) {
    const fit = `It does fit its training examples (${fits.words}), so what it learned does not carry over`
    return `${fit}: train on more examples, or ${looking('whether the labels fit', facts)}`
  }
  const trained = fits && `it does not fit its training examples either (${fits.words})`
  const look = looking('whether the labels fit', facts)
  if (facts.withoutSteps) return `${trained ? `${capital(trained)}. ` : ''}${capital(look)}`
  const lower = `try a learning rate ` +
    `of ${learningRate === undefined ? 'a tenth' : `${rate(learningRate / 10)} instead of ${rate(learningRate)}`}`
  const sick = activations
    .map(({ layer, kind, dead, saturated }) => ({
      layer,
      kind,
      share: dead ?? saturated ?? 0,
      dead: dead !== undefined,
    }))
    .filter(({ share }) => share >= SICK)
    .sort((a, b) => b.share - a.share)[0]
  if (sick) {
    const what = sick.dead
      ? `${percent(sick.share)} of the units after ${sick.layer} are dead (0 for every example)`
      : `${percent(sick.share)} of the ${sick.kind} values after ${sick.layer} are saturated`
    return `${what}, as steps that are too large leave them: ${lower}, or set clipNorm.`
  }
  if (gradientNorm !== undefined && gradientNorm < NO_GRADIENT) {
    return `Its last gradient has a norm of ${gradientNorm.toExponential(1)}, so nothing moves any more: try a ` +
      `normalisation between the layers or fewer of them, or ${lower}.`
  }
  const known = activations.length > 0 ? 'No layer is dead' : undefined
  const found = [known, trained].filter(Boolean).join(', and ')
  const alone = facts.lastBatch === 1 ? `${LONE} ` : ''
  const counted = known ? '' : ' (a rate too high leaves dead units, which an analysis of the run counts)'
  return `${found && `${capital(found)}. `}${alone}${capital(lower)}${counted}, more epochs, and ${look}`
}

/**
 * What to say of an accuracy on held-out data that is no better than chance, why, and what to try; undefined where it
 * is better.
 * Chance is the share of the most frequent class of the held-out data: a model that always names it gets no less.
 */
export function adviceAtChance(
  { accuracy = Number.NaN }: Metrics,
  heldOut: Dataset,
  train: Dataset,
  facts: RunFacts = {},
): string | undefined {
  const [shares, trained] = [sharesOf(heldOut), sharesOf(train)]
  const name = (k: number) => heldOut.classes?.[k] ?? String(k)
  const most = argmax(shares)
  const share = shares[most] ?? 0
  if (trained.filter(one => one > 0).length < 2)
    return `All training examples have one class, so there is nothing to tell apart: ${looking('at the labels', facts)}`
  if (share === 1)
    return 'All held-out examples have one class, so their accuracy says nothing. Hold out some of each: --set ' +
      'validation=0.1.'
  if (accuracy > beyondChance(share, heldOut.length)) return undefined
  const always = `always answering ${name(most)} gets ${percent(share)}`
  const tooFew = fewExamples(heldOut.length, share)
  if (accuracy > share) return `An accuracy of ${percent(accuracy)} may be chance, where ${always}. ${tooFew}`
  const said = answersOf(facts, heldOut.length)
  const apart = shares.reduce((sum, one, k) => sum + Math.abs(one - (trained[k] ?? 0)), 0) / 2
  const seen = facts.training?.['accuracy']
  const guessed = Math.max(...trained)
  const least = Math.max(beyondChance(guessed, train.length), guessed + FITTED * (1 - guessed))
  const fits = seen === undefined ? undefined : { learned: seen > least, words: `accuracy ${percent(seen)}` }
  return [
    `This is no better than chance: an accuracy of ${percent(accuracy)}, where ${always}.`,
    ...(said ? [`It answers ${name(said.answer)} to ${percent(said.share)} of the examples.`] : []),
    ...(apart > APART
      ? [`The labels are spread otherwise in training: ${name(most)} has ${percent(trained[most] ?? 0)} there.`]
      : []),
    ...(beyondChance(share, heldOut.length) - share > WIDE ? [tooFew] : []),
    causeAndRemedy(facts, fits),
  ].join(' ')
}

/** Says that so few held-out examples cannot tell learning from guessing. */
function fewExamples(examples: number, share: number): string {
  const least = beyondChance(share, examples)
  const what =
    least < 1
      ? `only more than ${percent(least)} would show learning`
      : 'even all of them right would not show learning'
  return `With ${examples} held-out examples ${what}: hold out more (--set testShare=0.5), or give more examples.`
}

/** The answer that a model gives most often, where its answers were counted. */
function answersOf(
  { sums }: RunFacts,
  examples: number,
): { readonly answer: number; readonly share: number } | undefined {
  const counts = sums?.['answers']
  if (!counts || counts.length === 0 || examples === 0) return undefined
  const answer = argmax(counts)
  return { answer, share: (counts[answer] ?? 0) / examples }
}

/**
 * What to say of predicted numbers that are no better than their mean (R2 at or below 0), why, and what to try;
 * undefined where
 * they are better.
 * @param column of the numbers to predict
 */
export function adviceAtMean(
  { r2 }: Metrics,
  heldOut: Dataset,
  train: Dataset,
  column: string,
  facts: RunFacts = {},
): string | undefined {
  const isConstant = (dataset: Dataset) => columnOf(dataset, column).data.every((value, _, all) => value === all[0])
  if (isConstant(train))
    return (
      'All training examples have the same number to predict, so there is nothing to learn: ' +
      looking('at the column', facts)
    )
  if (isConstant(heldOut) || r2 === undefined)
    return 'All held-out examples have the same number to predict, so R2 says nothing of them. Hold out others: ' +
      '--set validation=0.1.'
  if (r2 > 0) return undefined
  // The loss of training is the squared error of the standardised number: 1 for always predicting the mean.
  const seen = facts.training?.['loss']
  const fit = seen === undefined ? undefined : { learned: 1 - seen > APART, words: `R2 ${(1 - seen).toFixed(4)}` }
  return `This is no better than always predicting the mean: R2 is ${r2.toFixed(4)} on the held-out ` +
    `examples. ${causeAndRemedy(facts, fit)}`
}
