// How books and examples let the learning rate fall where no common schedule says it.
import { schedules, type Progress, type Schedule } from '@ddlf/nn'

const epochOf = ({ step, stepsPerEpoch = 1 }: Progress) => Math.floor(step / stepsPerEpoch)

const epochsOf = ({ totalSteps, stepsPerEpoch = 1 }: Progress) => Math.ceil(totalSteps / stepsPerEpoch)

/** From 1 in the first epoch to `last` in the last one, along a line; the same throughout an epoch. */
export const alongLine = (last: number): Schedule =>
  progress => 1 + (last - 1) * Math.min(1, epochOf(progress) / Math.max(1, epochsOf(progress) - 1))

/** Multiplied by `gamma` after every `every` epochs, but not more often than `drops` times. */
export const limitedSteps = ({ every, gamma, drops }: { every: number; gamma: number; drops: number }): Schedule =>
  schedules.multiStep({ milestones: Array.from({ length: drops }, (_, i) => (i + 1) * every), gamma })

const halfCosine = (share: number, last: number) => last + ((1 - last) * (1 + Math.cos(Math.PI * share))) / 2

/**
 * Schedules of Dive into deep learning as factors of the first rate, by how many epochs have ended. The page asks them
 * at the end of an epoch for the next one, beginning with 0, so the first epoch always has the whole rate, also where a
 * warm-up follows.
 * Source: Zhang et al., "Dive into deep learning", 2021, section 12.11 and the code that its page runs.
 */
const byEpochsEnded = {
  squareRoot: (ended: number) => (ended + 1) ** -0.5,
  cosine: (ended: number) => halfCosine(Math.min(ended, 20) / 20, 1 / 30),
  warmUpAndCosine: (ended: number) => (ended < 5 ? ended / 5 : halfCosine((Math.min(ended, 20) - 5) / 15, 1 / 30)),
} as const

/** Names of the schedules of Dive into deep learning. */
export const DIVE_SCHEDULES = ['squareRoot', 'cosine', 'warmUpAndCosine'] as const

/** A schedule of Dive into deep learning. */
export const diveSchedule = (name: (typeof DIVE_SCHEDULES)[number]): Schedule =>
  progress => (epochOf(progress) === 0 ? 1 : byEpochsEnded[name](epochOf(progress) - 1))
