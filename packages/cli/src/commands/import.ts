// The words of ddlf import: its arguments, options and help.
import { Command } from 'commander'
import { collect, jsonOption, runsOption, setOption } from './options.ts'
import type { ImportOptions } from '../actions/import.ts'

const EXAMPLES = `
Examples:
  $ ddlf import mlp-on-mnist mlp.safetensors
  $ ddlf import gpt-on-shakespeare tiny-gpt2.safetensors --set width=64 --set biases=true --set tied=true
  $ ddlf import mlp-on-mnist mlp.safetensors --set hidden=300,100 --rename fc1=hidden.0.0 \\
    --rename fc2=hidden.1.0 --rename fc3=logits

In Python the file is written with safetensors.torch.save_file(model.state_dict(), 'mlp.safetensors'). Names and shapes
follow the model: 'ddlf export <run> --format safetensors' of a run with the same settings shows them.
`

export function importCommand(): Command {
  return new Command('import')
    .description('make a run of weights that another tool trained (a safetensors state dict)')
    .argument('<experiment>', 'whose model the weights are for')
    .argument('<file>', 'a .safetensors file')
    .addOption(setOption('change a setting, so that the model has the shapes of the file (may be repeated)'))
    .option(
      '--rename <from=to>',
      "beginning of names in the file, and the model's name for it (may be repeated)",
      collect,
      [],
    )
    .option('--data <path>', 'your own data, for experiments on own data')
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, file: string, options: ImportOptions) =>
      (await import('../actions/import.ts')).importAction(name, file, options),
    )
}
