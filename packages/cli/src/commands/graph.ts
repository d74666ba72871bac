// ddlf graph <experiment>: prints the graph of the training step, or writes it as an .onnx file.
import { experiments } from '@ddlf/course'
import { findExperiment, parseSettings, stepGraph } from '@ddlf/lab'
import { writeFileAtomic } from '@ddlf/lab/node'
import { flopOf, lowerGraph, printGraph, simplify, topologicalOrder } from '@ddlf/tensor'
import { Command, Option } from 'commander'
import { formatCount } from '../terminal/format.ts'
import { outOption, setOption } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf graph mlp-on-mnist                        print it
  $ ddlf graph mlp-on-mnist --out step.onnx        write it; open the file in Netron
  $ ddlf graph mlp-on-mnist --set optimizer=adamW --part forward
`

interface Options {
  readonly set: readonly string[]
  readonly part: 'step' | 'forward'
  readonly out?: string
}

export function graphCommand(): Command {
  return new Command('graph')
    .description('print the graph of a training step (forward, backward, update), or write it as ONNX')
    .argument('<experiment>')
    .addOption(setOption())
    .addOption(new Option('--part <part>', 'which part').choices(['step', 'forward']).default('step'))
    .addOption(outOption('write a standard .onnx file instead of printing'))
    .addHelpText('after', EXAMPLES)
    .action((name: string, { set, part, out }: Options) => {
      const experiment = findExperiment(experiments, name)
      const graph = simplify(stepGraph(experiment, parseSettings(experiment, set), part))
      if (out === undefined) {
        console.log(printGraph(graph))
        return
      }
      const { bytes } = lowerGraph(graph, 'cpu')
      writeFileAtomic(out, bytes)
      const ops = topologicalOrder(graph.outputs).filter(node => node.origin).length
      console.log(`${out}: ${formatCount(ops)} ops, ${formatCount(flopOf(graph))} FLOP, ${formatCount(bytes.length)} bytes. Open it in Netron.`)
    })
}
