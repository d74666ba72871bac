// The check of options: names that a function knows, and what the value of each may be.
import { checkArgument, dictionary, either, listOf, text, withMethods, type Kind, type Needed } from './kinds.ts'
import { describe, nearestName, UserError } from './user-error.ts'

/** What other libraries call our options, in camel case. */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  lr: ['learningRate'], wd: ['weightDecay'], betas: ['beta1'], epsilon: ['eps'], rho: ['alpha'], amsgrad: ['eps'],
  dim: ['axes', 'axis'], dims: ['axes', 'axis'], axis: ['axes'], axes: ['axis'], keepDim: ['keepDims'],
  keepdim: ['keepDims'], keepdims: ['keepDims'],
  unbiased: ['correction'], ddof: ['correction'], std: ['standardDeviation'], stddev: ['standardDeviation'],
  a: ['slope', 'low'], b: ['high'],
  kernelSize: ['kernel'], strides: ['stride'], pads: ['padding'], countIncludePad: ['countPadding'],
  elementwiseAffine: ['affine'],
  transA: ['transposeA'], transB: ['transposeB'], smoothing: ['labelSmoothing'], posWeight: ['positiveWeight'],
  classWeight: ['weight'], weights: ['weight'],
  stepSize: ['every'], k: ['every'], etaMin: ['minimum'], pctStart: ['rising'], divFactor: ['initialDivisor'],
  finalDivFactor: ['finalDivisor'],
  annealStrategy: ['anneal'], totalIters: ['steps'], startFactor: ['from'], lrDecay: ['learningRateDecay'],
  initialAccumulatorValue: ['initialAccumulator'],
  attnMask: ['attentionMask', 'mask'], isCausal: ['causal'], dropoutP: ['dropout'], normEps: ['eps'],
  paddingIdx: ['paddingIndex'],
  gradClip: ['clipNorm'], clip: ['clipNorm'], maxGradNorm: ['clipNorm'], batch: ['batchSize'], bs: ['batchSize'],
  randomState: ['seed'], randomSeed: ['seed'],
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
  const ours = [
    plain, ...[name, plain].flatMap(word => (Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] as readonly string[] : []))
  ]
  return ours.find(candidate => valid.includes(candidate)) ??
    ours.find(candidate => Object.hasOwn(ELSEWHERE, candidate)) ?? nearestName(name, valid)
}

/**
 * What each option of a function may be. The table holds all of them, by type; those without which the function cannot
 * do are `needed`.
 */
export type Kinds<Options> = {
  readonly [Name in keyof Options]-?: undefined extends Options[Name] ? Kind : Options extends Record<Name,
  Options[Name]> ? Needed : Kind
}

const KNOWN = either(listOf(text, 'names'), dictionary(withMethods('a kind', 'accepts')))

/**
 * Refuses options that a function does not have, which JavaScript would ignore, and values that are of another kind
 * than the option: every public function with options reads them through this.
 * @param owner the function, as the message calls it
 * @param options what was given
 * @param known what each option may be; or, where a schema checks the values, only the names
 * @returns the options
 * @throws UserError naming the unknown option and the nearest known one, or the option, its kind and the value
 */
export function checkOptions<Options extends object>(
  owner: string, options: Options, known: Kinds<NoInfer<Options>> | readonly (keyof Options & string)[],
): Options {
  checkArgument('checkOptions', 'the known options', known, KNOWN)
  const kinds = Array.isArray(known) ? undefined : (known as Readonly<Record<string, Kind | Needed>>)
  const names: readonly string[] = kinds ? Object.keys(kinds) : (known as readonly string[])
  const all = `The options are ${names.join(', ')}.`
  const given: unknown = options
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
    throw new UserError({
      rule: `${owner}: options are given by name, in an object.`, received: describe(given),
      next: `Write { ${names[0] ?? ''}: ... }. ${all}`,
    })
  }
  const unknown = Object.keys(options).find(name => !names.includes(name))
  if (unknown !== undefined) {
    const near = meant(unknown, names)
    const hint = near === undefined ? ''
      : `Did you mean ${near}? ${names.includes(near) ? '' : `${ELSEWHERE[near] ?? ''} `}`
    throw new UserError({
      rule: `${owner}: there is no option '${unknown}'.`, received: unknown, next: `${hint}${all}`,
    })
  }
  for (const [name, kind] of Object.entries(kinds ?? {})) {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined || 'needed' in kind) checkArgument(owner, name, value, kind)
  }
  return options
}
