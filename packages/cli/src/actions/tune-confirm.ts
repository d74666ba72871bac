// ddlf tune confirm <study>: the best settings with fresh seeds, on the test set, beside those the study began with.
import { recordedCommand } from '@ddlf/lab/command-text'
import { judgeFresh, metricOf, type FreshVerdict } from '@ddlf/lab'
import {
  confirmationOf,
  confirmationsOf,
  confirmStudy,
  defaultJobs,
  readStudy,
  trainingPool,
  type Confirmation,
  type StudyRecord,
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
  { metrics, directions }: Pick<StudyRecord, 'metrics' | 'directions'>,
): void {
  const { metric: judged, runs, reference, trial, trials, inStudy, best = true } = confirmation
  const metric = metricOf(metrics, judged)
  const direction = directions[metrics.findIndex(({ name }) => name === judged)] ?? 'minimize'
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
  const among = `${best ? 'the best' : 'one'} of ${trials}`
  const was = `In the study the trial had ${show(inStudy)} on the held-out part, ${among}`
  const curse = best ? " About that much was luck (the winner's curse)." : ''
  const found = luck > 0 ? `worse by ${show(luck)}.${curse}` : 'no worse.'
  console.log(pc.dim(wrapText(`${was}; fresh seeds are ${found}`)))
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

/** What a choice among several confirmed trials would be. */
const othersText = (others: readonly Confirmation[]) =>
  `Confirmed before: ${others.map(({ trial }) => `trial ${trial}`).join(', ')}. Who chooses among them by these ` +
  'figures tunes on them, and the best is flattered again.'

/** Does what `ddlf tune confirm` is asked for. */
export async function confirmAction(
  name: string,
  { trial, seeds, jobs = defaultJobs(), studies, runs, json = false }: ConfirmOptions,
): Promise<void> {
  const study = readStudy(studies, name)
  const { attributes, best } = study
  const known = confirmationOf(attributes, trial ?? best?.number ?? -1)
  const { experiment } = tuningRecord(name, attributes)
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
      printConfirmation(confirmation, study)
      const others = confirmationsOf(attributes).filter(one => one.trial !== confirmation.trial)
      if (others.length > 0) console.log(wrapText(othersText(others)))
    }
  } finally {
    stopping.off()
    await workers.close()
  }
}
