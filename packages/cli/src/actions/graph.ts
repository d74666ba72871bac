// ddlf graph <experiment or run>: prints the graph of the training step, or writes it as an .onnx file.
import { findExperiment, parseSettings, stepGraph, type Experiment, type TrainingSettings } from '@ddlf/lab'
import { openOutput, openRunRecord, runsWords } from '@ddlf/lab/node'
import { flopOf, lowerGraph, printGraph, simplify, topologicalOrder } from '@ddlf/tensor'
import { UserError } from '@ddlf/tensor/errors'
import { suggest } from '../terminal/command-line.ts'
import { errorColours } from '../terminal/colour.ts'
import { formatCount } from '../terminal/format.ts'
import { experimentNamed, experiments, isModule } from '../experiments.ts'
import { namesRun } from './show.ts'

/** The options of the command. */
export interface GraphOptions {
  readonly set: readonly string[]
  readonly part: 'step' | 'forward'
  readonly out?: string
  readonly force?: boolean
  readonly runs: string
}

/** A run by its reference; undefined where there is none of this name, which may be a misspelt experiment. */
function runOf(name: string, runs: string): ReturnType<typeof openRunRecord> | undefined {
  try {
    return openRunRecord(experiments, runs, name)
  } catch (error) {
    if (namesRun(name) || !(error instanceof UserError)) throw error
    return undefined
  }
}

/** What the graph is of, with the settings of a run or those that are given. */
async function graphed(
  name: string,
  { set, runs }: GraphOptions,
): Promise<{ readonly experiment: Experiment; readonly settings: TrainingSettings }> {
  const known = isModule(name) ? (await experimentNamed(name)).experiment : experiments.find(one => one.name === name)
  const run = known ? undefined : runOf(name, runs)
  if (!run) {
    const experiment = known ?? findExperiment(experiments, name)
    if (experiment.data.own) {
      const next = suggest('graph', 'latest', ...runsWords(runs))
      console.error(
        errorColours.yellow(`Columns and classes are stand-ins here: your data decide them. Of a run: ${next}`),
      )
    }
    return { experiment, settings: parseSettings(experiment, set) }
  }
  if (set.length === 0) return run
  throw new UserError({
    rule: 'A run has its settings: --set goes with the name of an experiment.',
    received: `${name} with --set ${set.join(' --set ')}`,
    next: `Leave --set out, or: ${suggest('graph', run.experiment.name, ...set.flatMap(one => ['--set', one]))}`,
  })
}

/** Does what `ddlf graph` is asked for. */
export async function graphAction(name: string, options: GraphOptions): Promise<void> {
  const { part, out, force = false } = options
  const write = out === undefined ? undefined : openOutput(out, { force, example: `${part}.onnx` })
  const { experiment, settings } = await graphed(name, options)
  const graph = simplify(stepGraph(experiment, settings, part))
  if (!write) {
    console.log(printGraph(graph))
    return
  }
  const { bytes } = lowerGraph(graph, 'cpu')
  write(bytes)
  const ops = topologicalOrder(graph.outputs).filter(node => node.origin).length
  const size = `${formatCount(ops)} ops, ${formatCount(flopOf(graph))} FLOP, ${formatCount(bytes.length)} bytes`
  console.log(`${out ?? ''}: ${size}. Open it in Netron.`)
}
