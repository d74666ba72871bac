// ddlf tune confirm <study>: the best settings with fresh seeds, on the test set, beside those the study began with.
import { recordedCommand } from '@ddlf/lab/command-text'
import { judgeFresh, metricOf, type Direction, type FreshVerdict, type Metric } from '@ddlf/lab'
import {
  confirmationOf,
  confirmStudy,
  defaultJobs,
  readStudy,
  trainingPool,
  type Confirmation,
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

/** How the part with the last word is called. */
const LAST = { test: 'On the test set', validation: 'On the examples that trials were compared by' } as const

/** Prints what a confirmation found. */
export function printConfirmation(
  confirmation: Confirmation,
  direction: Direction,
  described: readonly Metric[],
): void {
  const { metric: judged, runs, reference, trial, trials, inStudy } = confirmation
  const metric = metricOf(described, judged)
  const show = (value: number) => objectiveText(metric, value)
  const { part, tuned, before, luck, comparison } = judgeFresh(confirmation, direction)
  const row = (label: string, seeds: number, { validation, last, interval }: FreshVerdict['tuned']) => [
    label,
    String(seeds),
    ...(part === 'test' ? [show(validation), show(last)] : [show(last)]),
    interval ? `${show(interval.low)} to ${show(interval.high)}` : '-',
  ]
  const columns = part === 'test' ? [`validation ${judged}`, `test ${judged}`] : [`validation ${judged}`]
  console.log(
    formatTable(
      ['settings', 'seeds', ...columns, '95 % interval'],
      [
        row(`trial ${trial}`, runs.length, tuned),
        ...(before ? [row('as the study began', reference.length, before)] : []),
      ],
      [1, ...columns.map((_, i) => 2 + i)],
    ),
  )
  const was = `In the study the trial had ${show(inStudy)} on the held-out part, the best of ${trials}`
  const words =
    luck > 0
      ? `${was}; fresh seeds are worse by ${show(luck)}. That part was luck (the winner's curse).`
      : `${was}; fresh seeds are no worse.`
  console.log(pc.dim(wrapText(words)))
  if (part === 'validation')
    console.log(pc.dim(wrapText('The data have no test part: fresh seeds are judged by what chose the settings.')))
  if (!comparison) return
  const { word, pValue, floor } = comparison
  // Of few seeds no difference is significant, however large.
  const least = floor > 0.05 ? `; ${runs.length} seeds allow none below ${floor}, so give more` : ''
  const p = Number(pValue.toPrecision(2))
  const verdict = `${LAST[part]} the tuned settings are ${word} than those before`
  console.log(wrapText(`${verdict}: p = ${p} (sign-flip test)${least}.`))
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
