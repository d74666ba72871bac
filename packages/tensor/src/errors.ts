// The one error a user is meant to read: the rule, what was received, and what to do next.
import { closest, distance } from 'fastest-levenshtein'

/** The three parts of every message to a user. */
export interface UserErrorParts {
  /** The rule that was broken, as a sentence. */
  rule: string
  /** The value that broke it, printed so that it can be recognised. */
  received?: string | undefined
  /** What to do now: a command, a valid value, a place. */
  next?: string | undefined
}

/**
 * A mistake in what the user gave (settings, files, shapes), as opposed to a defect of the program.
 * The command line prints its message without a stack trace and exits with code 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly parts: UserErrorParts

  constructor(parts: UserErrorParts, options?: ErrorOptions) {
    const { rule, received, next } = parts
    super([rule, received && `Received: ${received}`, next && `Next: ${next}`].filter(Boolean).join('\n  '), options)
    this.parts = parts
  }
}

/**
 * The valid name nearest to a misspelt one by edit distance, or `undefined` when nothing is near
 * (more than half of the letters would have to change).
 */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (valid.length === 0) return undefined
  const candidate = closest(name.toLowerCase(), valid.map(v => v.toLowerCase()))
  const original = valid.find(v => v.toLowerCase() === candidate)
  return original !== undefined && distance(name.toLowerCase(), candidate) <= Math.max(2, name.length / 2) ? original : undefined
}

/** What other libraries call our options, in camel case. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  lr: ['learningRate'], wd: ['weightDecay'], betas: ['beta1'], epsilon: ['eps'], rho: ['alpha'], amsgrad: ['eps'],
  dim: ['axes', 'axis'], dims: ['axes', 'axis'], axis: ['axes'], axes: ['axis'], keepDim: ['keepDims'], keepdim: ['keepDims'], keepdims: ['keepDims'],
  unbiased: ['correction'], ddof: ['correction'], std: ['standardDeviation'], stddev: ['standardDeviation'], a: ['slope', 'low'], b: ['high'],
  kernelSize: ['kernel'], strides: ['stride'], pads: ['padding'], countIncludePad: ['countPadding'], elementwiseAffine: ['affine'],
  transA: ['transposeA'], transB: ['transposeB'], smoothing: ['labelSmoothing'], posWeight: ['positiveWeight'], classWeight: ['weight'], weights: ['weight'],
  stepSize: ['every'], k: ['every'], etaMin: ['minimum'], pctStart: ['rising'], divFactor: ['initialDivisor'], finalDivFactor: ['finalDivisor'],
  annealStrategy: ['anneal'], totalIters: ['steps'], startFactor: ['from'], lrDecay: ['learningRateDecay'], initialAccumulatorValue: ['initialAccumulator'],
  gradClip: ['clipNorm'], clip: ['clipNorm'], maxGradNorm: ['clipNorm'], batch: ['batchSize'], bs: ['batchSize'], randomState: ['seed'], randomSeed: ['seed'],
  sep: ['delimiter'], nComponents: ['components'], nNeighbors: ['neighbours'], minDist: ['minimumDistance'],
}

/** Options that other libraries have where ours is elsewhere, and where. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  learningRate: 'The learning rate is not an option here: it is fed at every step, so that a schedule can change it.',
}

const camelCase = (name: string) => name.replace(/_+([a-z0-9])/gi, (_, letter: string) => letter.toUpperCase())

/** What somebody who wrote `name` probably meant. */
function meant(name: string, valid: readonly string[]): string | undefined {
  const plain = camelCase(name)
  const ours = [plain, ...[name, plain].flatMap(word => (Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] as readonly string[] : []))]
  return ours.find(candidate => valid.includes(candidate)) ?? ours.find(candidate => Object.hasOwn(ELSEWHERE, candidate)) ?? nearestName(name, valid)
}

/**
 * Refuses options that a function does not have, which JavaScript would ignore: every public function with options reads
 * them through this.
 * @param owner the function, as the message calls it
 * @param options what was given
 * @param names all names the function knows
 * @returns the options
 * @throws UserError naming the unknown option and the nearest known one
 */
export function checkOptions<Options extends object>(owner: string, options: Options, names: readonly (keyof Options & string)[]): Options {
  const known = `The options are ${names.join(', ')}.`
  const given: unknown = options
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UserError({ rule: `${owner}: options are given by name, in an object.`, received: JSON.stringify(options), next: `Write { ${names[0] ?? ''}: ... }. ${known}` })
  }
  const unknown = Object.keys(options).find(name => !(names as readonly string[]).includes(name))
  if (unknown === undefined) return options
  const near = meant(unknown, names)
  const hint = near === undefined ? '' : `Did you mean ${near}? ${names.includes(near as never) ? '' : `${ELSEWHERE[near] ?? ''} `}`
  throw new UserError({ rule: `${owner}: there is no option '${unknown}'.`, received: unknown, next: `${hint}${known}` })
}
