// The graph of an experiment's training step, or of its forward pass alone, to be looked at.
import { graph, input, UserError, type Graph, type Tensor } from '@ddlf/tensor'
import { labelState, trainingStep, withMode, withSeed, type TrainingStep } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import { columnsOf, inputsOf, phasesOf, stepColumns } from '../experiment/experiment-data.ts'
import { stepOptions } from '../experiment/recipe.ts'

function batchOf(experiment: Experiment, settings: TrainingSettings, name: string) {
  const column = columnsOf(experiment, settings)[name]
  if (!column)
    throw new UserError({ rule: `The data set ${experiment.data.name} has no column of numbers named '${name}'.` })
  return { dtype: column.dtype, shape: [settings.batchSize, ...column.shape] }
}

/**
 * The steps of a run on all training examples that the settings let it see; one an epoch for data whose number is not
 * known.
 */
function totalStepsOf({ data }: Experiment, settings: TrainingSettings): number {
  const { epochs, steps, batchSize, trainExamples, validation } = settings
  if (steps > 0) return steps
  const examples = Math.min(trainExamples || Infinity, data.form(settings).examples ?? batchSize)
  return epochs * Math.max(1, Math.ceil((examples * (1 - validation)) / batchSize))
}

/** Own data say what their classes are when they are loaded; a graph without them is that of two. */
function withClasses({ data: { own } }: Experiment, settings: TrainingSettings): TrainingSettings {
  const { classes } = settings as { classes?: readonly string[] }
  return own && classes?.length === 0
    ? ({ ...settings, classes: ['first class', 'second class'] } as TrainingSettings)
    : settings
}

/** The training step that training compiles, with the names of its state and of what it reports. */
export function experimentStep(experiment: Experiment, given: TrainingSettings): TrainingStep {
  const settings = withClasses(experiment, given)
  const model = withSeed(settings.seed, () => experiment.model(settings))
  const columns = stepColumns(phasesOf(experiment, settings), columnsOf(experiment, settings))
  const batch = Object.fromEntries(columns.map(name => [name, batchOf(experiment, settings, name)]))
  const totalSteps = totalStepsOf(experiment, settings)
  return trainingStep(stepOptions(experiment, settings, { model, batch, totalSteps }))
}

/**
 * Builds the graph that training compiles.
 * @param part `step`: forward, backward and update; `forward`: the outputs in evaluation mode
 * @throws UserError for another part
 */
export function stepGraph(experiment: Experiment, given: TrainingSettings, part: 'step' | 'forward' = 'step'): Graph {
  switch (part) {
    case 'step':
      return experimentStep(experiment, given).graph
    case 'forward': {
      const settings = withClasses(experiment, given)
      const model = withSeed(settings.seed, () => experiment.model(settings))
      labelState(model)
      const inputs = inputsOf(experiment, settings).map(({ name, dtype, shape }) =>
        input(name, { dtype, shape: [settings.batchSize, ...shape] }))
      const fed = Object.fromEntries(inputs.map((one): [string, Tensor] => [one.leaf?.name ?? '', one]))
      const { output } = withMode({ training: false }, () => experiment.task.outputs(model, fed, settings))
      return graph(experiment.name, inputs, Object.values(output))
    }
    default:
      throw new UserError({ rule: "The part of a graph must be 'step' or 'forward'.", received: String(part) })
  }
}
