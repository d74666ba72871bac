// What a study of trainings minimises or maximises: metrics on the part that is held out, and what a training costs.
import { nearestName, UserError } from '@ddlf/tensor/errors'
import type { Experiment } from '../experiment/experiment.ts'
import { metricOf } from '../experiment/metric.ts'
import type { Direction } from './trial.ts'

/** Objectives that are no metrics: parameters of the model, floating-point operations and seconds of the training. */
export const COSTS = ['parameters', 'flop', 'seconds'] as const

/** Whether an objective is a cost and no metric. */
export const isCost = (name: string): boolean => (COSTS as readonly string[]).includes(name)

/**
 * The objective whose values a trial reports step by step: the first metric, for what a training costs is known at its
 * end.
 */
export const reportedObjective = (names: readonly string[]): string | undefined => names.find(name => !isCost(name))

/** Which way an objective is better: the task's own metric as the task says, costs and losses when they are less. */
export function directionOf({ task: { monitor, metrics } }: Pick<Experiment, 'task'>, name: string): Direction {
  const { better } = metricOf([monitor, ...metrics], name)
  return better === 'higher' ? 'maximize' : 'minimize'
}

/** @throws UserError for what nobody has described, or what has no better and no worse */
function requireDirection({ task: { monitor, metrics } }: Pick<Experiment, 'task'>, name: string): void {
  const all = [monitor, ...metrics]
  if (isCost(name) || metricOf(all, name).better !== 'neither') return
  const known = [...new Set([...all.filter(({ better }) => better !== 'neither').map(one => one.name), ...COSTS])]
  const near = nearestName(name, known)
  throw new UserError({
    rule: 'An objective is a metric of the task, or what a training costs.',
    received: name,
    next: `${near === undefined ? 'One of' : `Did you mean '${near}'? There are`}: ${known.join(', ')}`,
  })
}

/**
 * The objectives of a study; by default the metric that the experiment's runs are chosen by.
 * @throws UserError where one is named twice, is nothing that has a better and a worse, or none is a metric
 */
export function objectivesOf(experiment: Pick<Experiment, 'task'>, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [experiment.task.monitor.name]
  if (names.some(name => name.trim() === '')) {
    throw new UserError({
      rule: 'An objective has a name.',
      received: 'an empty text',
      next: `Name a metric such as ${experiment.task.monitor.name}.`,
    })
  }
  for (const name of names) requireDirection(experiment, name)
  if (new Set(names).size < names.length) {
    throw new UserError({
      rule: 'Each objective is named once.',
      received: names.join(', '),
      next: 'Leave one of them out.',
    })
  }
  if (names.every(isCost)) {
    throw new UserError({
      rule: 'A study has at least one metric among its objectives.',
      received: names.join(', '),
      next: `Add ${experiment.task.monitor.name}.`,
    })
  }
  return names
}
