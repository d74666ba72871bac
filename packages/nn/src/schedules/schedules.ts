// Learning-rate schedules: pure functions from progress to a factor of the base learning rate.
import { checkArgument, checkOptions, kinds, type Kind } from '@ddlf/tensor/errors'

/** Where training stands. */
export interface Progress {
  /** Number of the optimizer's step, counted from 0. */
  readonly step: number
  /** Number of steps in the whole training. */
  readonly totalSteps: number
  /** Number of steps in one pass over the data; default 1, so that an epoch is a step. */
  readonly stepsPerEpoch?: number
}

/** The factor by which the base learning rate is multiplied at a point of the training. */
export type Schedule = (progress: Progress) => number

const progressKinds = {
  step: kinds.needed(kinds.atLeast(0)), totalSteps: kinds.needed(kinds.atLeast(0)), stepsPerEpoch: kinds.above(0),
}

/** A schedule whose progress is checked where it is asked. */
const schedule = (owner: string, factor: Schedule): Schedule =>
  progress => factor(checkOptions(owner, progress, progressKinds))

const epochOf = ({ step: at, stepsPerEpoch = 1 }: Progress) => Math.floor(at / stepsPerEpoch)

/** A factor above 1 would grow beyond every number. */
const gammaKind = kinds.between(0, 1)

/** Always the base learning rate. */
export const constant = (): Schedule => schedule('constant', () => 1)

/** Multiplies by `gamma` (default 0.1) after every `every` epochs. PyTorch: StepLR. */
export function step(options: { readonly every: number; readonly gamma?: number }): Schedule {
  const { every, gamma = 0.1 } = checkOptions(
    'step', options, { every: kinds.needed(kinds.atLeast(1)), gamma: gammaKind },
  )
  return schedule('step', progress => gamma ** Math.floor(epochOf(progress) / every))
}

/** Multiplies by `gamma` (default 0.1) at the start of each of the given epochs. PyTorch: MultiStepLR. */
export function multiStep(options: { readonly milestones: readonly number[]; readonly gamma?: number }): Schedule {
  const { milestones, gamma = 0.1 } = checkOptions('multiStep', options, {
    milestones: kinds.needed(kinds.listOf(kinds.atLeast(0), 'epochs, counted from 0')), gamma: gammaKind,
  })
  return schedule('multiStep', progress => gamma ** milestones.filter(epoch => epoch <= epochOf(progress)).length)
}

/** Multiplies by `gamma` after every epoch. PyTorch: ExponentialLR. */
export function exponential(options: { readonly gamma: number }): Schedule {
  const decaying: Kind = {
    is: 'a number above 0 and at most 1', accepts: value => gammaKind.accepts(value) && value !== 0,
  }
  const { gamma } = checkOptions('exponential', options, { gamma: kinds.needed(decaying) })
  return schedule('exponential', progress => gamma ** epochOf(progress))
}

/**
 * Falls with the root of the step: 1 / sqrt(step + 1).
 * Source: Kingma and Ba, "Adam: a method for stochastic optimization", 2015, section 4.
 */
export const inverseSquareRoot = (): Schedule => schedule('inverseSquareRoot', ({ step: at }) => (at + 1) ** -0.5)

/** How far a phase of so many steps has come, from 0 to 1; one without length is over as soon as it begins. */
const shareOf = (at: number, steps: number) => (steps > 0 ? Math.min(Math.max(at / steps, 0), 1) : 1)

/**
 * Falls from 1 to `minimum` (default 0) along half a cosine over the whole training. PyTorch: CosineAnnealingLR,
 * stepped after each step. Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017,
 * eq. 5.
 */
export function cosine(options: { readonly minimum?: number } = {}): Schedule {
  const { minimum = 0 } = checkOptions('cosine', options, { minimum: kinds.between(0, 1) })
  // Multiplied before it is divided: recorded runs were trained with exactly these factors.
  const angle = (at: number, totalSteps: number) =>
    (totalSteps > 0 ? (Math.PI * Math.min(at, totalSteps)) / totalSteps : Math.PI)
  return schedule(
    'cosine', ({ step: at, totalSteps }) => minimum + ((1 - minimum) * (1 + Math.cos(angle(at, totalSteps)))) / 2,
  )
}

/** Settings of the one-cycle schedule. */
export interface OneCycleOptions {
  /** Share of the training in which the rate rises, default 0.3. */
  readonly rising?: number
  /** The first factor is 1 / initialDivisor; default 25. */
  readonly initialDivisor?: number
  /** The last factor is the first one divided by this; default 10,000. */
  readonly finalDivisor?: number
  /** Default 'cosine'. */
  readonly anneal?: 'cosine' | 'linear'
}

/**
 * Rises to the base learning rate (the maximum) and falls far below its start. PyTorch: OneCycleLR; the momentum is not
 * cycled. Source: Smith and Topin, "Super-convergence", 2018.
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { rising = 0.3, initialDivisor = 25, finalDivisor = 1e4, anneal = 'cosine' } = checkOptions('oneCycle', options,
    {
    rising: kinds.between(0, 1), initialDivisor: kinds.atLeast(1), finalDivisor: kinds.above(0),
    anneal: kinds.oneOf('cosine', 'linear'),
  })
  const [first, last] = [1 / initialDivisor, 1 / initialDivisor / finalDivisor]
  const between = (from: number, to: number, share: number) =>
    anneal === 'linear' ? from + (to - from) * share : to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2
  return schedule('oneCycle', ({ step: at, totalSteps }) => {
    const peak = rising * totalSteps - 1
    const end = totalSteps - 1
    if (at <= peak) return between(first, 1, shareOf(at, peak))
    return between(1, last, shareOf(at - peak, end - peak))
  })
}

/** Settings of a warm-up. */
export interface LinearWarmupOptions {
  /** Number of steps in which the factor rises to 1. */
  readonly steps: number
  /** The first factor, default 1 / (steps + 1). */
  readonly from?: number
}

/**
 * Rises in equal steps to 1 and then follows another schedule (default constant), which begins when the warm-up ends.
 * PyTorch: SequentialLR of LinearLR and the other one. Source: Goyal et al., "Accurate, large minibatch SGD", 2017,
 * 2.2.
 */
export function linearWarmup(options: LinearWarmupOptions, then: Schedule = constant()): Schedule {
  checkOptions('linearWarmup', options, { steps: kinds.needed(kinds.atLeast(0)), from: kinds.between(0, 1) })
  checkArgument('linearWarmup', 'the schedule that follows', then, kinds.callable)
  const { steps, from = 1 / (steps + 1) } = options
  return schedule('linearWarmup', progress => progress.step < steps
    ? from + ((1 - from) * progress.step) / steps
    : then({ ...progress, step: progress.step - steps, totalSteps: Math.max(progress.totalSteps - steps, 1) }))
}

/** Settings of the cosine that begins with a warm-up. */
export interface WarmupCosineOptions {
  /** Number of steps in which the factor rises to 1. */
  readonly steps: number
  /** The last factor, default 0.1. */
  readonly minimum?: number
}

/**
 * Rises in equal steps to 1, and falls to `minimum` (default 0.1) along half a cosine over the rest of the training:
 * the schedule of GPT-3, and nanoGPT's `get_lr`.
 * Source: Brown et al., "Language models are few-shot learners", 2020, appendix B.
 */
export function warmupCosine(options: WarmupCosineOptions): Schedule {
  const { steps, minimum = 0.1 } = checkOptions('warmupCosine', options, {
    steps: kinds.needed(kinds.atLeast(0)), minimum: kinds.between(0, 1),
  })
  return linearWarmup({ steps }, cosine({ minimum }))
}

/** Settings of the schedule that stays at its height. */
export interface WarmupStableDecayOptions {
  /** Number of steps in which the factor rises to 1; default 0. */
  readonly warmup?: number
  /** Number of steps at the end in which it falls; default a fifth of the training. */
  readonly decay?: number
  /** The first factor, and the one behind the last step; default 0. */
  readonly minimum?: number
  /**
   * How it falls: in equal steps ('linear', default), along half a cosine, or as 1 - sqrt.
   * Source of the last: Hägele et al. 2024.
   */
  readonly shape?: 'linear' | 'cosine' | '1-sqrt'
}

const SHAPES: Readonly<Record<NonNullable<WarmupStableDecayOptions['shape']>, (share: number) => number>> = {
  'linear': share => 1 - share,
  'cosine': share => (1 + Math.cos(Math.PI * share)) / 2,
  '1-sqrt': share => 1 - Math.sqrt(share),
}

/**
 * Rises from `minimum` to 1, stays there, and falls to it at the end, so that a training can be continued from any
 * point of the height. Source: Hu et al., "MiniCPM", 2024, section 4; the factors are those of Hugging Face's
 * `get_wsd_schedule`.
 */
export function warmupStableDecay(options: WarmupStableDecayOptions = {}): Schedule {
  const { warmup = 0, decay, minimum = 0, shape = 'linear' } = checkOptions('warmupStableDecay', options, {
    warmup: kinds.atLeast(0), decay: kinds.atLeast(0), minimum: kinds.between(0, 1),
    shape: kinds.oneOf('linear', 'cosine', '1-sqrt'),
  })
  const fall = SHAPES[shape]
  return schedule('warmupStableDecay', ({ step: at, totalSteps }) => {
    if (at < warmup) return minimum + ((1 - minimum) * at) / warmup
    const length = decay ?? totalSteps / 5
    const begins = totalSteps - length
    if (at < begins) return 1
    return minimum + (1 - minimum) * fall(shareOf(at - begins, length))
  })
}
