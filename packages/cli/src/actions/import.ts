// ddlf import <experiment> <weights.safetensors>: another tool's weights as a run.
import { recordedCommand } from '@ddlf/lab/command-text'
import { relative } from 'node:path'
import { intakeLine } from '@ddlf/data'
import { readPlainFile } from '@ddlf/data/node'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { importWeights, runsWords } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { suggest } from '../terminal/command-line.ts'
import { pc } from '../terminal/colour.ts'
import { formatMetric, metricOf } from '../terminal/format.ts'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface ImportOptions {
  readonly set: readonly string[]
  readonly rename: readonly string[]
  readonly data?: string
  readonly runs: string
  readonly json?: boolean
}

function parseRename(text: string): readonly [string, string] {
  const [from, to, more] = text.split('=')
  if (!from || !to || more !== undefined)
    throw new UserError({
      rule: 'A renaming must be written from=to.',
      received: text,
      next: 'For example: --rename fc1=hidden.0.0',
    })
  return [from, to]
}

/** Does what `ddlf import` is asked for. */
export async function importAction(
  name: string,
  file: string,
  { set, rename, data, runs, json = false }: ImportOptions,
): Promise<void> {
  const experiment = findExperiment(experiments, name)
  const settings = parseSettings(experiment, [...set, ...(data === undefined ? [] : [`data=${JSON.stringify(data)}`])])
  const bytes = await readPlainFile(file, { what: 'a file of weights' })
  const imported = await importWeights({
    experiment,
    settings,
    root: runs,
    bytes,
    file,
    rename: rename.map(parseRename),
    command: recordedCommand(['ddlf', ...process.argv.slice(2)]),
    runtime: onnxNodeRuntime(),
  })
  const { intake, ...said } = imported
  if (json) {
    console.log(JSON.stringify(said))
    return
  }
  if (intake) console.log(pc.dim(intakeLine(intake)))
  const judged = Object.entries(imported.metrics).map(
    ([key, value]) => `${imported.part} ${key} ${formatMetric(metricOf(experiment.task.metrics, key), value)}`,
  )
  console.log(`${imported.name}: ${judged.join(', ')}`)
  console.log(
    [
      `Run  ${relative('', imported.folder)}\n\nNext:`,
      ...['evaluate', 'analyze', 'export'].map(verb => `  ${suggest(verb, imported.name, ...runsWords(runs))}`),
    ].join('\n'),
  )
}
