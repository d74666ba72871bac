// The words of ddlf graph: its arguments, options and help.
import { Command, Option } from 'commander'
import { forceOption, outOption, runsOption, setOption } from './options.ts'
import type { GraphOptions } from '../actions/graph.ts'

const EXAMPLES = `
Examples:
  $ ddlf graph mlp-on-mnist                        print it
  $ ddlf graph mlp-on-mnist --out step.onnx        write it; open the file in Netron
  $ ddlf graph mlp-on-mnist --set optimizer=adamW --part forward
  $ ddlf graph tabular/20270131-12                 of a run, with the columns and classes of its data
`

export function graphCommand(): Command {
  return new Command('graph')
    .description('print the graph of a training step (forward, backward, update), or write it as ONNX')
    .argument('<experiment or run>', 'name of an experiment, or <experiment>/<id>, a piece of an id, or latest')
    .addOption(setOption())
    .addOption(new Option('--part <part>', 'which part').choices(['step', 'forward']).default('step'))
    .addOption(outOption('write a standard .onnx file instead of printing'))
    .addOption(forceOption())
    .addOption(runsOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: GraphOptions) =>
      (await import('../actions/graph.ts')).graphAction(name, options),
    )
}
