// Settings of the task of turning one sequence into another, and what they say of how it writes.
import { z } from 'zod'

/** Settings that the task reads, to be spread into those of an experiment. */
export const pairTaskSettings = {
  labelSmoothing: z.number().min(0).lt(1).default(0).describe('share of the target spread over all tokens'),
  beams: z
    .array(z.number().int().min(1).max(100))
    .min(1)
    .default([1])
    .describe('continuations followed where it is judged: the first decides, the others are told of at the end'),
  lengthPenalty: z
    .number()
    .min(-5)
    .max(5)
    .default(1)
    .describe('power of the length that a continuation is divided by; 0 likes short ones'),
  penalties: z
    .array(z.number().min(-5).max(5))
    .default([])
    .describe('other such powers, told of at the end with the most continuations'),
  byLength: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(0)
    .describe('source tokens in a range of lengths whose errors are told of at the end, and errors by place; 0: none'),
}

/** What the task reads of the settings. */
export interface PairTaskSettings {
  /** Tokens that are written at most, the end included. */
  readonly longest: number
  readonly labelSmoothing: number
  readonly beams: number[]
  readonly lengthPenalty: number
  readonly penalties: number[]
  readonly byLength: number
}

/** How something is written for a judgement. */
export interface WayOfWriting {
  readonly beams: number
  readonly lengthPenalty: number
  /** The metric that tells of it; undefined: it is what the run is judged by. */
  readonly metric?: string
}

/** Every way in which a model writes for a judgement, each once, the one that decides first. */
export function waysOfWriting({ beams, lengthPenalty, penalties }: PairTaskSettings): readonly WayOfWriting[] {
  // What stands twice is told of once.
  const counts = [...new Set(beams)]
  const [first = 1] = counts
  const most = Math.max(...counts)
  return [
    { beams: first, lengthPenalty },
    ...(counts.length > 1 ? counts : []).map(count => ({ beams: count, lengthPenalty, metric: `beam/${count}` })),
    ...[...new Set(penalties)].map(power => ({ beams: most, lengthPenalty: power, metric: `penalty/${power}` })),
  ]
}
