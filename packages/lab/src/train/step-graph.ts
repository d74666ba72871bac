// The graph of an experiment's training step, or of its forward pass alone, to be looked at.
import { graph, input, UserError, type Graph } from '@ddlf/tensor'
import { trainingStep, withMode, withSeed } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment.ts'
import { columnsOf, stepColumns } from './experiment-data.ts'
import { stepOptions } from './recipe.ts'

/**
 * Builds the graph that training compiles.
 * @param part `step`: forward, backward and update; `forward`: the outputs in evaluation mode
 * @throws UserError for another part
 */
export function stepGraph(experiment: Experiment, settings: TrainingSettings, part: 'step' | 'forward' = 'step'): Graph {
  const model = withSeed(settings.seed, () => experiment.model(settings))
  const columns = columnsOf(experiment, settings)
  const batchOf = (name: string) => {
    const column = columns[name]
    if (!column) throw new UserError({ rule: `The data set ${experiment.dataset} has no column of numbers named '${name}'.` })
    return { dtype: column.dtype, shape: [settings.batchSize, ...column.shape] }
  }
  switch (part) {
    case 'step':
      return trainingStep(stepOptions(experiment, settings, model, Object.fromEntries(stepColumns(experiment.task, columns).map(name => [name, batchOf(name)])))).graph
    case 'forward': {
      const x = input(experiment.task.input, batchOf(experiment.task.input))
      const { output } = withMode({ training: false }, () => experiment.task.outputs(model, x, settings))
      return graph(experiment.name, [x], Object.values(output))
    }
    default:
      throw new UserError({ rule: "The part of a graph is 'step' or 'forward'.", received: String(part) })
  }
}
