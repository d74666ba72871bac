// Samplers and pruners by the names that the command line and a study's journal know them under.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import type { prunerNames, samplerNames } from './names.ts'
import { hyperbandPruner } from './pruners/hyperband.ts'
import { medianPruner } from './pruners/median.ts'
import { noPruner, type Pruner } from './pruners/pruner.ts'
import { successiveHalvingPruner } from './pruners/successive-halving.ts'
import { wilcoxonPruner } from './pruners/wilcoxon.ts'
import { cmaEsSampler } from './samplers/cma-es.ts'
import { gaussianProcessSampler } from './samplers/gaussian-process-sampler.ts'
import { gridSampler } from './samplers/grid.ts'
import { quasiRandomSampler } from './samplers/quasi-random.ts'
import { randomSampler } from './samplers/random.ts'
import type { Sampler } from './samplers/sampler.ts'
import { tpeSampler } from './samplers/tpe.ts'

const SAMPLERS = {
  'tpe': () => tpeSampler(),
  'random': () => randomSampler(),
  'grid': () => gridSampler(),
  'quasi-random': () => quasiRandomSampler(),
  'cma-es': () => cmaEsSampler(),
  'gaussian-process': () => gaussianProcessSampler(),
} as const satisfies Readonly<Record<(typeof samplerNames)[number], () => Sampler>>

/** A study's steps: epochs, or runs of several seeds. */
interface Steps {
  /** How many a whole trial has. */
  readonly steps: number
}

const PRUNERS = {
  'none': () => noPruner(),
  // The first epoch tells little.
  'median': () => medianPruner({ warmupSteps: 2 }),
  'successive-halving': () => successiveHalvingPruner({ minResource: 1 }),
  'hyperband': ({ steps }: Steps) => hyperbandPruner({ maxResource: Math.max(1, steps) }),
  'wilcoxon': () => wilcoxonPruner(),
} as const satisfies Readonly<Record<(typeof prunerNames)[number], (steps: Steps) => Pruner>>

/** What others call them. */
const ALIASES: Readonly<Record<string, string>> = {
  asha: 'successive-halving',
  gp: 'gaussian-process',
  cmaes: 'cma-es',
  sobol: 'quasi-random',
  qmc: 'quasi-random',
}

function find<T>(what: string, table: Readonly<Record<string, T>>, given: string): [string, T] {
  const name = ALIASES[given] ?? given
  if (Object.hasOwn(table, name)) return [name, table[name] as T]
  const names = Object.keys(table)
  const near = nearestName(given, [...names, ...Object.keys(ALIASES)])
  throw new UserError({
    rule: `There is no ${what} of this name.`,
    received: given,
    next: near === undefined ? `Use one of: ${names.join(', ')}.` : `Did you mean '${near}'?`,
  })
}

/** The sampler of a name. @throws UserError naming the nearest one */
export const samplerOf = (name: string): Sampler => find('sampler', SAMPLERS, name)[1]()

/** The pruner of a name, for trials of so many steps. @throws UserError naming the nearest one */
export const prunerOf = (name: string, steps: Steps): Pruner =>
  find('pruner', PRUNERS as Readonly<Record<string, (steps: Steps) => Pruner>>, name)[1](steps)

/** The full name of a sampler or a pruner. @throws UserError naming the nearest one */
export const samplerName = (name: string): string => find('sampler', SAMPLERS, name)[0]
export const prunerName = (name: string): string => find('pruner', PRUNERS, name)[0]
