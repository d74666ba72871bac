// Makes the compact record of a study, or of a search for a learning rate, that the memo reads.
import { UserError } from '@ddlf/tensor/errors'
import type { LearningRateSearch } from '../../analysis/training/learning-rate-finder.ts'
import { describeMachine, machineText } from '../../runs/provenance.ts'
import { readRunRecord } from '../../runs/run-folder.ts'
import { runPlace } from '../../runs/run-place.ts'
import { confirmationOf, type ConfirmedRun } from '../../studies/node/confirm-study.ts'
import { readStudy, type StudyRecord } from '../../studies/node/study-folders.ts'
import { runsOfTrial, runsPlace, tuningRecord } from '../../studies/tuning-record.ts'
import { compactRates, compactTrials, type RateResult, type StudyResult } from '../study-result.ts'

/** The machine that a run began on; undefined where the run is gone or does not say. */
function machineOfRun(root: string, name: string): string | undefined {
  const [experiment = '', id = ''] = name.split('/')
  const run = runPlace(root, experiment, id)
  if (!run) return undefined
  try {
    const { machine } = readRunRecord(run)
    return machine ? machineText(machine) : undefined
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return undefined
  }
}

/** The machines that a study was made on: what its trials noted, and what the runs that are left say. */
function machinesOf({ attributes, trials }: StudyRecord, confirmed: readonly ConfirmedRun[]): string {
  const root = runsPlace(attributes)
  const noted = trials.map(({ userAttributes }) => userAttributes['machine'])
  const names = [...trials.flatMap(runsOfTrial), ...confirmed.map(({ run }) => run)]
  const told = root !== undefined ? names.map(name => machineOfRun(root, name)) : []
  const machines = [...noted, ...told].filter(machine => typeof machine === 'string')
  return [...new Set(machines)].join('; ') || 'unknown'
}

const compactRuns = (runs: readonly ConfirmedRun[]) =>
  runs.map(({ seed, validation, test }) => ({ seed, validation, test }))

/**
 * The compact record of a study.
 * @param studies the folder that holds all studies
 * @throws UserError where there is none of this name, it does not say what it trains, or no trial is complete
 */
export function compactStudy(studies: string, name: string): StudyResult {
  const study = readStudy(studies, name)
  const { experiment, objectives, metrics, sampler, pruner } = tuningRecord(name, study.attributes)
  const found = study.best && confirmationOf(study.attributes, study.best.number)
  return {
    format: 1,
    kind: 'study',
    name: study.name,
    experiment,
    recordedAt: new Date().toISOString(),
    machine: machinesOf(study, [...(found?.runs ?? []), ...(found?.reference ?? [])]),
    sampler,
    pruner,
    objectives,
    metrics,
    directions: [...study.directions],
    space: study.space,
    trials: compactTrials(study.trials, study.name),
    confirmed: found
      ? {
          trial: found.trial,
          metric: found.metric,
          inStudy: found.inStudy,
          runs: compactRuns(found.runs),
          reference: compactRuns(found.reference),
        }
      : null,
  }
}

/** The compact record of a search that this machine has just made. */
export const compactRateSearch = (experiment: string, search: LearningRateSearch): RateResult => ({
  format: 1,
  kind: 'learning-rates',
  experiment,
  recordedAt: new Date().toISOString(),
  machine: machineText(describeMachine()),
  ...compactRates(search),
})
