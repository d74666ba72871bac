// ddlf predict <run> <image or text>: what a trained model says about something of yours.
import { existsSync, readFileSync } from 'node:fs'
import { experiments } from '@ddlf/course'
import { inputOf, predictClasses, prepareText, type PreparedInput } from '@ddlf/lab'
import { openTrainedRun, prepareImage, type TrainedRun } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { Command } from 'commander'
import { printable } from '@ddlf/lab/printable'
import { padEndTo, textWidth } from '@ddlf/lab/text-width'
import { pc } from '../terminal/colour.ts'
import { formatPercent } from '../terminal/format.ts'
import { checkpointOption, jsonOption, runsOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf predict mlp-on-mnist/20270131-120000-k3f9 three.png --invert
  $ ddlf predict image-folder/20270131-12 photo.jpg
  $ ddlf predict text-table/20270131-12 "the plot was lovely"

A picture is turned to grey levels where the model reads grey, and resized to the model's size. MNIST shows light strokes on
black: give --invert for dark ink on light paper.
`

const IMAGE = /\.(png|jpe?g|jpe|jfif|webp|gif|bmp)$/i
const BAR = 30

interface Options {
  readonly runs: string
  readonly checkpoint: string
  readonly invert?: boolean
  readonly top: string
  readonly json?: boolean
}

async function prepare({ experiment, settings }: TrainedRun, given: string, invert: boolean): Promise<PreparedInput> {
  const readsImages = inputOf(experiment, settings).shape.length === 3
  if (!readsImages && !IMAGE.test(given)) return prepareText(experiment, settings, given)
  if (!existsSync(given)) {
    throw new UserError({ rule: `${experiment.name} reads a picture from a file (PNG, JPEG, WebP, GIF or BMP).`, received: `${given}, which does not exist`, next: 'Check the path.' })
  }
  return prepareImage(experiment, settings, readFileSync(given), given, { invert })
}

/** A picture of grey levels as text, two rows of pixels in a line. */
function preview({ data }: PreparedInput, height: number, width: number): string {
  const at = (y: number, x: number) => (y < height ? (data[y * width + x] ?? 0) > 127 : false)
  const lines = Array.from({ length: Math.ceil(height / 2) }, (_, row) =>
    Array.from({ length: width }, (_unused, x) => [' ', '▀', '▄', '█'][Number(at(2 * row, x)) + 2 * Number(at(2 * row + 1, x))]).join(''))
  return lines.join('\n')
}

export function predictCommand(): Command {
  return new Command('predict')
    .description('ask a trained model about a picture or a text')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .argument('<input>', 'a picture (PNG, JPEG, WebP, GIF or BMP), or a text in quotes')
    .option('--invert', 'turn dark to light (ink on paper for a model of light strokes on black)')
    .option('--top <number>', 'show at most this many classes', '10')
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, given: string, { runs, checkpoint, invert = false, top, json = false }: Options) => {
      const trained = openTrainedRun(experiments, runs, reference, checkpoint)
      const { experiment, settings, model } = trained
      const prepared = await prepare(trained, given, invert)
      const classes = await predictClasses(experiment, settings, model, prepared, onnxNodeRuntime())
      if (json) {
        console.log(JSON.stringify({ run: trained.name, checkpoint, input: given, steps: prepared.steps, classes }, null, 2))
        return
      }
      const [channels, height = 0, width = 0] = inputOf(experiment, settings).shape
      if (channels === 1 && process.stdout.isTTY && width < process.stdout.columns) console.log(`${preview(prepared, height, width)}\n`)
      console.log(pc.dim(`${given.slice(0, 80)}: ${prepared.steps.join(', ') || 'taken as it is'}`))
      const shown = classes.slice(0, Number(top))
      const longest = Math.max(...shown.map(({ name }) => textWidth(printable(name))))
      shown.forEach(({ name, probability }, i) => {
        const filled = Math.round(BAR * probability)
        const line = `${padEndTo(printable(name), longest)}  ${'█'.repeat(filled)}${pc.dim('░'.repeat(BAR - filled))}  ${formatPercent(probability).padStart(8)}`
        console.log(i === 0 ? pc.bold(line) : line)
      })
      const light = Float64Array.from(prepared.data).reduce((sum, value) => sum + value, 0) / prepared.data.length
      if (channels === 1 && !invert && light > 127 && !experiment.own) console.log(pc.yellow('The picture is mostly light; the data set is mostly dark. Is it ink on paper? Then add --invert.'))
    })
}
