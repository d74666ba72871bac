// ddlf tune confirm <study>: the best settings with fresh seeds, on the test set, beside those the study began with.
import { recordedCommand } from '@ddlf/lab/command-text'
import { mean, metricOf, pairedSignFlipTest, studentInterval, type Direction, type Metric } from '@ddlf/lab'
import {
  confirmationOf,
  confirmStudy,
  defaultJobs,
  readStudy,
  trainingPool,
  winnersCurse,
  type Confirmation,
  type ConfirmedRun,
  tuningRecord,
} from '@ddlf/lab/node'
import { pc } from '../terminal/colour.ts'
import { formatTable, wrapText } from '../terminal/format.ts'
import { stopOnSignals } from '../terminal/stopping.ts'
import { objectiveText } from '../terminal/study-text.ts'
import { experiments, moduleOf } from '../experiments.ts'

/** The options of the command. */
export interface ConfirmOptions {
  readonly trial?: number
  readonly seeds: number
  readonly jobs?: number
  readonly studies: string
  readonly runs: string
  readonly json?: boolean
}

function row(label: string, metric: Metric, runs: readonly ConfirmedRun[]): string[] {
  const show = (value: number) => objectiveText(metric, value)
  const tests = runs.map(({ test }) => test)
  const interval = studentInterval(tests)
  const means = [mean(runs.map(({ validation }) => validation)), mean(tests)]
  return [
    label,
    String(runs.length),
    ...means.map(show),
    interval ? `${show(interval.low)} to ${show(interval.high)}` : '-',
  ]
}

/** A difference of a larger p may be chance. */
const SIGNIFICANT = 0.05

/** Prints what a confirmation found. */
export function printConfirmation(
  confirmation: Confirmation,
  direction: Direction,
  described: readonly Metric[],
): void {
  const { metric: judged, runs, reference, trial, trials, inStudy } = confirmation
  const metric = metricOf(described, judged)
  console.log(
    formatTable(
      ['settings', 'seeds', `validation ${judged}`, `test ${judged}`, '95 % interval'],
      [
        row(`trial ${trial}`, metric, runs),
        ...(reference.length > 0 ? [row('as the study began', metric, reference)] : []),
      ],
      [1, 2, 3],
    ),
  )
  const curse = winnersCurse(confirmation, direction)
  const was = `In the study the trial had ${objectiveText(metric, inStudy)} on the held-out part, the best of ${trials}`
  const luck =
    curse > 0
      ? `${was}; fresh seeds are worse by ${objectiveText(metric, curse)}. That part was luck (the winner's curse).`
      : `${was}; fresh seeds are no worse.`
  console.log(pc.dim(wrapText(luck)))
  if (reference.length < 2) return
  const differences = runs.map(({ test }, i) => test - (reference[i]?.test ?? Number.NaN))
  const { pValue, floor, meanDifference } = pairedSignFlipTest(differences)
  const better = direction === 'minimize' ? meanDifference < 0 : meanDifference > 0
  const p = Number(pValue.toPrecision(2))
  // Of few seeds no difference is significant, however large.
  const least = floor > SIGNIFICANT ? `; ${runs.length} seeds allow none below ${floor}, so give more` : ''
  const verdict = !better ? 'not better than' : pValue > SIGNIFICANT ? 'on average better than' : 'better than'
  const words = `On the test set the tuned settings are ${verdict} those before: p = ${p} (sign-flip test)${least}.`
  console.log(wrapText(words))
}

/** Does what `ddlf tune confirm` is asked for. */
export async function confirmAction(
  name: string,
  { trial, seeds, jobs = defaultJobs(), studies, runs, json = false }: ConfirmOptions,
): Promise<void> {
  const { directions, attributes, best } = readStudy(studies, name)
  const known = confirmationOf(attributes, trial ?? best?.number ?? -1)
  const { experiment, metrics } = tuningRecord(name, attributes)
  const workers = trainingPool({ jobs, experimentsModule: moduleOf(experiment), runs })
  const stopping = stopOnSignals('Saving the runs, and stopping. Press Ctrl-C again to quit at once.', () => undefined)
  try {
    const confirmation = await confirmStudy({
      experiments,
      studies,
      study: name,
      runs,
      seeds,
      workers,
      signal: stopping.signal,
      command: recordedCommand(['ddlf', ...process.argv.slice(2)]),
      ...(trial !== undefined && { trial }),
      onRun: ({ index, of, settings, begins }) => {
        if (json) return
        const time = new Date().toISOString().slice(11, 19)
        const state = begins ? 'begins' : 'done'
        console.log(`${time} run ${index + 1} of ${of}, seed ${settings.seed}: ${state}`)
      },
    })
    if (!confirmation) {
      console.error('Stopped. The same command goes on with what is done.')
      process.exitCode = stopping.exitCode() ?? 1
    } else if (json) console.log(JSON.stringify(confirmation, null, 2))
    else {
      if (known && known.runs.length >= seeds)
        console.log('This trial was confirmed before; the test set is not read again.')
      printConfirmation(confirmation, directions[0] ?? 'minimize', metrics)
    }
  } finally {
    stopping.off()
    await workers.close()
  }
}
