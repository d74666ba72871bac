// Trials for the tests of samplers and pruners.
import type { Distribution, Params, Trial } from '../../src/studies/index.ts'

/** A trial with the given parts; complete, and without parameters, unless they say otherwise. */
export function madeTrial(
  number: number,
  parts: Partial<Trial> & { reports?: readonly (readonly [number, number])[] } = {},
): Trial {
  const { reports = [], ...rest } = parts
  return {
    number,
    state: 'complete',
    params: {},
    distributions: {},
    values: undefined,
    intermediateValues: new Map(reports),
    userAttributes: {},
    systemAttributes: {},
    startedAt: null,
    completedAt: null,
    ...rest,
  }
}

/** A complete trial with one value. */
export const completeTrial = (
  number: number,
  params: Params,
  value: number,
  distributions: Record<string, Distribution> = {},
): Trial => madeTrial(number, { params, values: [value], distributions })
