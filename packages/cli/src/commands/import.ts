// ddlf import <experiment> <weights.safetensors>: another tool's weights as a run.
import { relative } from 'node:path'
import { experiments } from '@ddlf/course'
import { intakeLine } from '@ddlf/data'
import { readPlainFile } from '@ddlf/data/node'
import { findExperiment, parseSettings } from '@ddlf/lab'
import { importWeights, runsWords } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { Command } from 'commander'
import { suggest } from '../terminal/command-line.ts'
import { pc } from '../terminal/colour.ts'
import { formatMetric } from '../terminal/format.ts'
import { collect, jsonOption, runsOption, setOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf import mlp-on-mnist mlp.safetensors
  $ ddlf import mlp-on-mnist mlp.safetensors --set hidden=300,100 --rename fc1=hidden.0.0 --rename fc2=hidden.1.0 --rename fc3=logits

In Python the file is written with safetensors.torch.save_file(model.state_dict(), 'mlp.safetensors'). Names and shapes
follow the model: 'ddlf export <run> --format safetensors' of a run with the same settings shows them.
`

interface Options {
  readonly set: readonly string[]
  readonly rename: readonly string[]
  readonly data?: string
  readonly runs: string
  readonly json?: boolean
}

function parseRename(text: string): readonly [string, string] {
  const [from, to, more] = text.split('=')
  if (!from || !to || more !== undefined) throw new UserError({ rule: 'A renaming must be written from=to.', received: text, next: 'For example: --rename fc1=hidden.0.0' })
  return [from, to]
}

export function importCommand(): Command {
  return new Command('import')
    .description('make a run of weights that another tool trained (a safetensors state dict)')
    .argument('<experiment>', 'whose model the weights are for')
    .argument('<file>', 'a .safetensors file')
    .addOption(setOption('change a setting, so that the model has the shapes of the file (may be repeated)'))
    .option('--rename <from=to>', "beginning of names in the file, and the model's name for it (may be repeated)", collect, [])
    .option('--data <path>', 'your own data, for experiments on own data')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, file: string, { set, rename, data, runs, json = false }: Options) => {
      const experiment = findExperiment(experiments, name)
      const settings = parseSettings(experiment, [...set, ...(data === undefined ? [] : [`data=${JSON.stringify(data)}`])])
      const bytes = await readPlainFile(file, { what: 'a file of weights' })
      const imported = await importWeights({
        experiment, settings, root: runs, bytes, file, rename: rename.map(parseRename), command: ['ddlf', ...process.argv.slice(2)], runtime: onnxNodeRuntime(),
      })
      const { intake, ...said } = imported
      if (json) {
        console.log(JSON.stringify(said))
        return
      }
      if (intake) console.log(pc.dim(intakeLine(intake)))
      console.log(`${imported.name}: ${Object.entries(imported.metrics).map(([metric, value]) => `test ${metric} ${formatMetric(metric, value)}`).join(', ')}`)
      console.log(`Run  ${relative('', imported.folder)}\n\nNext:\n${['evaluate', 'analyze', 'export'].map(verb => `  ${suggest(verb, imported.name, ...runsWords(runs))}`).join('\n')}`)
    })
}
