// What decides the numbers of a study's trials beside their settings: data, code, versions. Kept in its record, and
// compared whenever it goes on.
import { fileURLToPath } from 'node:url'
import { loadTrainingData } from '../../data-source/node/training-data.ts'
import { findExperiment, parseSettings, type Experiment } from '../../experiment/experiment.ts'
import type { ExperimentModules } from '../../experiment/experiment-modules.ts'
import { experimentsFrom, moduleWith } from '../../experiment/node/experiments-from.ts'
import { callInChild } from '../../jobs/process/call-in-child.ts'
import { ChangedSince } from '../../runs/changed-since.ts'
import { provenance } from '../../runs/provenance.ts'
import { changedGrounds, type Grounds } from '../../runs/run-origin.ts'
import type { TrialGrounds } from '../tuning-record.ts'

/** What to do where a study may not go on. */
export const GO_ON =
  'Put it back as it was, add --changed to go on all the same (the records will say so), or begin another study with ' +
  '--study.'

/** The grounds of what is trained here on data of these checksums. */
export async function groundsOf(
  experimentsModule: ExperimentModules,
  experiment: string,
  data: Readonly<Record<string, string>>,
): Promise<Grounds> {
  const here = provenance(fileURLToPath(await moduleWith(experimentsModule, experiment)))
  const { git, code = null, lockFile, versions } = here
  return { git, code, lockFile, versions, data: { ...data } }
}

/** Reads the data of a study's trials as a training does. @throws UserError where they cannot be had */
export async function findGrounds(
  experimentsModule: ExperimentModules,
  experiment: Experiment,
  settings: Readonly<Record<string, unknown>>,
): Promise<Grounds> {
  const { checksums } = await loadTrainingData(experiment, parseSettings(experiment, settings))
  return groundsOf(experimentsModule, experiment.name, checksums)
}

/** What {@link inspectTraining} is asked for. */
export interface Inspected {
  readonly experimentsModule: ExperimentModules
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** {@link findGrounds} by the name of the experiment. Called in a process of its own. */
export const groundsOfTraining = async ({ experimentsModule, experiment, settings }: Inspected): Promise<Grounds> =>
  findGrounds(experimentsModule, findExperiment(await experimentsFrom(experimentsModule), experiment), settings)

/**
 * Reads the data of a training in a process of its own, so that what is mistaken is said before anything begins.
 * @throws UserError where they cannot be had
 */
export const inspectTraining = (asked: Inspected, signal?: AbortSignal): Promise<Grounds> =>
  callInChild<Grounds>(new URL('./study-grounds.ts', import.meta.url), 'groundsOfTraining', asked, { signal })

/**
 * The grounds of a study with those of its next trials.
 * @param trials how many it has
 * @param changed whether it goes on where something has changed
 * @returns the same list where nothing is new
 * @throws ChangedSince naming what has changed
 */
export function nextGrounds(
  study: string,
  before: readonly TrialGrounds[],
  now: Grounds,
  { trials, changed }: { readonly trials: number; readonly changed: boolean },
): readonly TrialGrounds[] {
  const last = before.at(-1)
  if (!last) return [{ from: trials, ...now }]
  const changes = changedGrounds(last, now)
  if (changes.length === 0) return before
  if (changed) return [...before, { from: trials, ...now, changed: changes }]
  throw new ChangedSince({
    rule: `The study ${study} cannot go on: what decides the numbers of its trials has changed since they ran.`,
    received: changes.join('; '),
    next: GO_ON,
  })
}

/** What a reader must know who compares the trials of a study, a line for each change. */
export const changeNotes = (grounds: readonly TrialGrounds[]): string[] =>
  grounds.flatMap(({ from, changed }) =>
    changed ? [`From trial ${from} on other than before, so not comparable with it: ${changed.join('; ')}.`] : [])
