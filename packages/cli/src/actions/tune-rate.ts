// ddlf tune-rate <experiment>: which learning rates lower the loss, from a training of a hundred steps.
import { floatRange, formatParameter, givenSettings, parseSettings, rateRangeOf, sparkline } from '@ddlf/lab'
import { keepRate, searchRateInChild, studiesWords } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { pc } from '../terminal/colour.ts'
import { suggest, trainingWords } from '../terminal/command-line.ts'
import { formatNumber, terminalWidth, wrapText } from '../terminal/format.ts'
import { experimentNamed } from '../experiments.ts'
import { recordRates } from '../record-study.ts'

/** The options of the command. */
export interface TuneRateOptions {
  readonly set: readonly string[]
  readonly data?: string
  readonly low: number
  readonly high: number
  readonly steps: number
  readonly studies: string
  readonly threads?: number
  readonly record?: boolean
  readonly json?: boolean
}

/** Does what `ddlf tune-rate` is asked for. */
export async function tuneRateAction(
  name: string,
  { set, data, low, high, steps, studies, threads, record = false, json = false }: TuneRateOptions,
): Promise<void> {
  const { experiment, module } = await experimentNamed(name)
  const given = [...set, ...(data === undefined ? [] : [`data=${JSON.stringify(data)}`])]
  const asked = parseSettings(experiment, given)
  // A validation part of the data's own serves.
  const validation = asked.validation || (experiment.data.parts.includes('validation') ? 0 : 0.1)
  const settings = parseSettings(experiment, { ...asked, evaluateTest: false, validation })
  const finder = { low, high, steps }
  const search = await searchRateInChild({
    experimentsModule: module,
    experiment: experiment.name,
    settings,
    finder,
    ...(threads !== undefined && { threads }),
  })
  const { suggestion, rates, losses, smoothed, stopped } = search
  if (suggestion === undefined) {
    throw new UserError({
      rule: 'No rate lowered the loss.',
      received: `${low} .. ${high} in ${steps} steps`,
      next: 'Widen the range with --low and --high, or look at the model and its data.',
    })
  }
  const file = keepRate(studies, experiment.name, settings, suggestion)
  const range = rateRangeOf(suggestion)
  const recorded = record ? recordRates(experiment.name, search) : undefined
  if (json) {
    console.log(
      JSON.stringify({
        suggestion,
        range,
        stopped,
        rates: [...rates],
        losses: [...losses],
        smoothed: [...smoothed],
        file,
        ...(recorded !== undefined && { recorded }),
      }),
    )
    return
  }
  const width = Math.min(60, terminalWidth() - 2)
  const [first, last] = [rates[0] ?? low, rates.at(-1) ?? high]
  const end = stopped === 'diverged' ? ', where it diverged' : ''
  console.log(
    `${pc.bold(experiment.name)}  loss by learning rate, ${formatNumber(first)} to ${formatNumber(last)}${end}`,
  )
  // A last value that diverged would press all others flat.
  console.log(
    `  ${pc.cyan(sparkline(smoothed, { width, high: Math.max(smoothed[0] ?? 0, ...smoothed.slice(0, 20)) }))}`,
  )
  const found = pc.bold(`Suggestion: ${formatNumber(suggestion)}`)
  console.log(
    wrapText(`${found}, where the loss falls fastest. Kept in ${file}; studies without --space look around it.`),
  )
  if (recorded !== undefined) console.log(`Written for the memo: ${recorded}`)
  const space = formatParameter('learningRate', floatRange(range.low, range.high, { log: true }))
  // The rate alone is another one.
  const { learningRate } = parseSettings(experiment)
  const words = trainingWords(givenSettings(experiment, { ...asked, learningRate }))
  console.log(`
Next:
  ${suggest('tune', name, ...words, '--space', space, ...studiesWords(studies))}
  ${suggest('train', name, ...words, '--set', `learningRate=${formatNumber(suggestion)}`)}`)
}
