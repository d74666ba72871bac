// The graph of an experiment's training step as a page shows it: printed, with its size and its cost.
import { flopOf, printGraph, simplify, topologicalOrder } from '@ddlf/tensor'
import { findExperiment, parseSettings } from '../experiment/experiment.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'
import { experimentsFrom } from '../experiment/node/experiments-from.ts'
import { experimentStep, stepGraph } from '../train/step-graph.ts'

/** Which graph. */
export interface GraphQuestion {
  readonly experimentsModule: ExperimentModules
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** A graph in text. */
export interface DrawnGraph {
  /** Forward pass, backward pass and update, one operation a line. */
  readonly step: string
  readonly forward: string
  readonly ops: number
  /** Floating-point operations of one step. */
  readonly flop: number
  /** Numbers that are trained. */
  readonly parameters: number
}

/** Builds the graphs. @throws UserError where the settings make no model */
export async function graphOf({ experimentsModule, experiment: name, settings }: GraphQuestion): Promise<DrawnGraph> {
  const experiments = await experimentsFrom(experimentsModule)
  const experiment = findExperiment(experiments, name)
  const resolved = parseSettings(experiment, settings)
  const traced = experimentStep(experiment, resolved)
  const step = simplify(traced.graph)
  const ops = topologicalOrder(step.outputs).filter(node => node.origin).length
  return {
    step: printGraph(step),
    forward: printGraph(simplify(stepGraph(experiment, resolved, 'forward'))),
    ops,
    flop: flopOf(step),
    parameters: traced.state.reduce((sum, { kind, data }) => sum + (kind === 'parameter' ? data.length : 0), 0),
  }
}
