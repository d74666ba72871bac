// The finished runs of an experiment by the settings they were made with: what records, repetitions and students look
// up.
import { UserError } from '@ddlf/tensor'
import { isFoundSetting, parseSettings, recordedSettings, type Experiment } from '../../experiment/experiment.ts'
import { listRuns, type RunListing } from '../../runs/run-folder.ts'

const key = (settings: Readonly<Record<string, unknown>>) =>
  JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Settings as they are asked for: what was found in the data is not asked for. */
function asAsked(experiment: Experiment, settings: Readonly<Record<string, unknown>>) {
  const defaults = parseSettings(experiment) as Readonly<Record<string, unknown>>
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name, isFoundSetting(experiment, name) ? defaults[name] : value]),
  )
}

/**
 * Completed runs of an experiment by their settings, as they are and as they were asked for; settings added since a run
 * was made count at their defaults.
 */
export function completedRuns(root: string, experiment: Experiment): ReadonlyMap<string, RunListing> {
  const found = new Map<string, RunListing>()
  // Newest first: the newest of equal runs counts.
  for (const run of listRuns({ root, experiment: experiment.name, status: 'completed', summaries: true }).runs) {
    try {
      const settings = recordedSettings(experiment, run.record.config)
      for (const one of [key(settings), key(asAsked(experiment, settings))]) if (!found.has(one)) found.set(one, run)
    } catch (error) {
      // A run of an older form of the experiment has settings that no longer exist.
      if (!(error instanceof UserError)) throw error
    }
  }
  return found
}

/** The completed run of exactly these settings, where there is one. */
export const runWith = (
  runs: ReadonlyMap<string, RunListing>,
  settings: Readonly<Record<string, unknown>>,
): RunListing | undefined => runs.get(key(settings))
