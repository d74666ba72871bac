// ddlf record <experiment>: turns runs into the compact results that the memo reads.
import { mkdirSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { UserError } from '@ddlf/tensor'
import { spreadOf, type RecordedResult } from '@ddlf/course/results'
import type { Recording } from '@ddlf/course'
import { valuesBySeed } from '@ddlf/lab'
import { completedRuns, provenance, writeFileAtomic } from '@ddlf/lab/node'
import { Command } from 'commander'
import { formatDuration, formatPercent, formatTable } from '../terminal/format.ts'
import { compactResult, machineText } from '../recording/compact-result.ts'
import { readResult, resultFile } from '../recording/result-files.ts'
import { findRecording, runOf, trainRuns, wantedRuns, type WantedRun } from '../recording/runs-of-arms.ts'
import { runsOption, threadsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf record mlp-on-mnist              from the runs that are there; says which are missing
  $ ddlf record mlp-on-mnist --train      trains the missing ones first, one after another
  $ ddlf record mlp-on-mnist --train --seeds 2
`

interface Options {
  readonly runs: string
  readonly train?: boolean
  readonly seeds?: number
  readonly threads?: number
  readonly force?: boolean
}

/** What of a result counts when it is to replace another: its seeds and settings, what it says beside its runs, its machine. */
export interface Weighed extends Pick<RecordedResult, 'experiment' | 'machine'> {
  readonly arms: readonly (Pick<RecordedResult['arms'][number], 'id' | 'label' | 'settings'> & { readonly runs: readonly { readonly seed: number }[] })[]
  readonly details?: unknown
  readonly minima?: unknown
}

/**
 * Recorded results are read by a memo and reproduced by its readers: they are not replaced by less.
 * @throws UserError where the new ones have fewer arms or seeds, other settings of an arm, lack details or minima that are
 * recorded, or come from another machine, be it one run of them
 */
export function assertNoLess(recorded: Weighed, result: Weighed): void {
  const seeds = (arm: Weighed['arms'][number] | undefined) => valuesBySeed(arm?.runs ?? [], () => 0).size
  const sorted = (settings: Readonly<Record<string, unknown>>) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
  const losing = recorded.arms.flatMap(arm => {
    const other = result.arms.find(({ id }) => id === arm.id)
    const now = seeds(other)
    if (now < seeds(arm)) return [`${arm.label}: ${now} of ${seeds(arm)} recorded seeds`]
    if (other && sorted(other.settings) !== sorted(arm.settings)) return [`${arm.label}: settings ${JSON.stringify(other.settings)} instead of ${JSON.stringify(arm.settings)}`]
    return []
  })
  for (const part of ['details', 'minima'] as const) if (recorded[part] !== undefined && result[part] === undefined) losing.push(`no ${part}, which are recorded`)
  if (recorded.machine !== result.machine) losing.push(`another machine: ${result.machine} instead of ${recorded.machine}`)
  if (losing.length === 0) return
  throw new UserError({
    rule: `This would replace the recorded results of ${result.experiment} by less.`,
    received: losing.join('; '),
    next: `To compare your runs with what is recorded: ddlf reproduce. To replace it all the same, add --force.`,
  })
}

/** What a recording will be once its runs are all there, the missing ones made on this machine. */
const promised = ({ arms }: Recording, wanted: readonly WantedRun[], experiment: string): Weighed => ({
  experiment, machine: machineText(provenance().machine),
  arms: arms.map(({ id, label, settings }) => ({ id, label, settings: { ...settings }, runs: wanted.filter(({ arm }) => arm.id === id) })),
})

export function recordCommand(): Command {
  return new Command('record')
    .description("turn an experiment's runs into the compact results that its memo reads")
    .argument('<experiment>')
    .option('--train', 'train the runs that are missing')
    .option('--seeds <number>', 'only the first seeds of the recording', wholeNumber('--seeds', 1))
    .addOption(threadsOption())
    .option('--force', 'replace recorded results that have more seeds, other settings, or another machine\'s')
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, { runs: root, train = false, seeds, threads, force = false }: Options) => {
      const { topic, recording: whole, experiment } = findRecording(name)
      const recording = seeds === undefined ? whole : { ...whole, seeds: whole.seeds.slice(0, seeds) }
      const wanted = wantedRuns(recording, experiment)
      const missing = wanted.filter(run => !runOf(completedRuns(root, experiment), run))
      const recorded = readResult(topic, experiment.name)
      // Asked before hours of training too, whose runs could not be recorded.
      if (recorded && !force && train && missing.length > 0) assertNoLess({ ...recorded, details: undefined, minima: undefined }, promised(recording, wanted, experiment.name))
      if (train && missing.length > 0) await trainRuns(root, experiment, missing, threads)
      const completed = completedRuns(root, experiment)
      const found = wanted.flatMap(one => {
        const run = runOf(completed, one)
        return run ? [{ wanted: one, run }] : []
      })
      if (found.length < wanted.length) console.log(`${wanted.length - found.length} of ${wanted.length} runs are missing${train ? '.' : '; --train trains them.'}`)
      if (found.length === 0) return
      const result = await compactResult(recording, experiment, found)
      if (recorded && !force) assertNoLess(recorded, result)
      const file = resultFile(topic, experiment.name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileAtomic(file, `${JSON.stringify(result)}\n`)
      console.log(formatTable(['setting', 'seeds', 'test error', 'time a run'], result.arms.map(arm => {
        const error = spreadOf(arm, 'test/error')
        return [arm.label, String(error.count), error.count > 1 ? `${formatPercent(error.mean)} ± ${formatPercent(error.deviation)}` : formatPercent(error.mean), formatDuration(spreadOf(arm, 'seconds').mean)]
      }), [1, 2, 3]))
      console.log(`\nWritten: ${relative('', file)}`)
    })
}
