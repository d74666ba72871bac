// Settings that were chosen and change nothing beside others, in words: who sets one expects something of it.
import { chosenSettings } from './chosen-settings.ts'
import type { Experiment, TrainingSettings } from './experiment.ts'
import { recipeOf } from './recipe.ts'
import { trainingSettings } from './training-settings.ts'

type Choice = 'optimizer' | 'schedule'

/** Settings of every training that only some optimizers and schedules read. */
const READ_BY: Readonly<Record<Choice, Readonly<Record<string, readonly string[]>>>> = {
  optimizer: {
    momentum: ['sgd', 'rmsProp', 'muon'],
    nesterov: ['sgd'],
    beta1: ['adam', 'adamW', 'muon'],
    beta2: ['adam', 'adamW', 'muon'],
    rho: ['adadelta'],
  },
  schedule: {
    scheduleEpochs: ['step'],
    scheduleFactor: ['step', 'exponential'],
    scheduleMinimum: ['cosine'],
  },
}

/** What decides which examples are learned from and judged on, however it is learned. */
const OF_DATA = ['validation', 'evaluateTest', 'trainExamples', 'seed']

/** Whether a setting is read by training steps alone. @param heeds those that a task without steps reads as well */
export const isOfSteps = (name: string, heeds: readonly string[] = []): boolean =>
  Object.hasOwn(trainingSettings.shape, name) && !OF_DATA.includes(name) && !heeds.includes(name)

const readBySteps = (heeds: readonly string[] = []) =>
  Object.fromEntries(
    Object.keys(trainingSettings.shape)
      .filter(name => isOfSteps(name, heeds))
      .map(name => [name, 'no training steps']),
  )

/** Of the settings of every training: what is not read, and why, as far as nothing but the settings decides. */
function idleOfAll(
  experiment: Pick<Experiment, 'recipe' | 'task'>,
  settings: TrainingSettings,
): Readonly<Record<string, string>> {
  const { fit } = experiment.task
  if (fit) return readBySteps(fit.heeds)
  const recipes = experiment.task
    .phases(settings)
    .map(phase => recipeOf(phase, experiment, settings, { totalSteps: 1 }))
  const unread = (choice: Choice) =>
    recipes.some(recipe => recipe[choice] === undefined)
      ? Object.entries(READ_BY[choice])
          .filter(([, readers]) => !readers.includes(settings[choice]))
          .map(([name]) => [name, `${choice}=${settings[choice]}`] as const)
      : []
  const uncounted =
    settings.steps === 0
      ? [['evaluateEvery', 'steps=0'] as const]
      // A recipe of its own may ask for the epochs all the same.
      : experiment.recipe === undefined ? [['epochs', `steps=${settings.steps}`] as const] : []
  return Object.fromEntries([...unread('optimizer'), ...unread('schedule'), ...uncounted])
}

/**
 * What a user should know of chosen settings that change nothing, in a line: `without effect: drops=2 (with
 * schedule=constant)`; none where each has its effect.
 */
export function idleNotes(
  experiment: Experiment,
  settings: TrainingSettings,
): readonly string[] {
  const idle = { ...idleOfAll(experiment, settings), ...experiment.idle?.(settings) }
  const found = Object.entries(chosenSettings({ ...settings }, experiment)).flatMap(([name, value]) =>
    Object.hasOwn(idle, name) ? [`${name}=${String(value)} (with ${idle[name]})`] : [])
  return found.length === 0 ? [] : [`without effect: ${found.join(', ')}`]
}
