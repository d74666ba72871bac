// What the form that starts a study holds: texts, what the lab is asked with them, and the command that says the same.
import { ddlfCommand, settingWords } from '@ddlf/lab/command-text'
import type { StudyStart } from '@ddlf/lab/server'

/** The texts of the form's fields; those of the settings of every trial are a form of their own. */
export interface Asked {
  readonly study: string
  readonly trials: string
  /** One parameter a line. */
  readonly space: string
  /** One trial a line. */
  readonly enqueue: string
  readonly sampler: string
  readonly pruner: string
  readonly objectives: string
  readonly repeats: string
  readonly seed: string
  readonly timeout: string
  readonly epochs: string
  readonly flop: string
  readonly jobs: string
  readonly keep: string
}

/** A form in which nothing was written yet. */
export const FIRST: Asked = {
  study: '', trials: '20', space: '', enqueue: '', sampler: 'tpe', pruner: '', objectives: '', repeats: '', seed: '',
  timeout: '', epochs: '', flop: '', jobs: '', keep: 'all',
}

/** The lines of a text that hold something. */
export const linesOf = (text: string): string[] =>
  text.split('\n').map(line => line.trim()).filter(line => line !== '')

/** A text that should be a number as one; what is none goes to the lab as it is, which says what is wrong with it. */
function numberIn(text: string): number {
  const value = Number(text)
  return text.trim() === '' || Number.isNaN(value) ? (text.trim() as unknown as number) : value
}

const given = (asked: Asked, name: keyof Asked) => asked[name].trim() !== ''
const words = (text: string) => text.split(',').map(word => word.trim()).filter(word => word !== '')

/** The settings of every trial that are changed. */
export type ChangedSettings = Readonly<Record<string, unknown>>

/** What the lab is asked. */
export function startOf(experiment: string, asked: Asked, settings: ChangedSettings): StudyStart {
  const number = (name: 'repeats' | 'seed' | 'epochs' | 'flop' | 'jobs') =>
    given(asked, name) ? { [name]: numberIn(asked[name]) } : {}
  const text = (name: 'study' | 'pruner' | 'timeout') => (given(asked, name) ? { [name]: asked[name].trim() } : {})
  return {
    experiment,
    space: linesOf(asked.space),
    enqueue: linesOf(asked.enqueue),
    settings,
    trials: numberIn(asked.trials),
    sampler: asked.sampler,
    objectives: words(asked.objectives),
    keep: asked.keep as 'all' | 'best',
    ...text('study'), ...text('pruner'), ...text('timeout'),
    ...number('repeats'), ...number('seed'), ...number('epochs'), ...number('flop'), ...number('jobs'),
  }
}

/**
 * The command that does the same in a terminal, with what differs from its defaults.
 * @param ownSpace the ranges that the experiment has by itself
 */
export function commandOf(experiment: string, asked: Asked, settings: ChangedSettings, ownSpace: string): string {
  const each = (option: string, values: readonly string[]) => values.flatMap(value => [option, value])
  const one = (name: keyof Asked, preset = '') =>
    given(asked, name) && asked[name].trim() !== preset ? [`--${name}`, asked[name].trim()] : []
  const isOwn = linesOf(asked.space).join('\n') === linesOf(ownSpace).join('\n')
  return ddlfCommand(
    'tune',
    experiment,
    ...one('study'),
    ...(isOwn ? [] : each('--space', linesOf(asked.space))),
    ...each('--enqueue', linesOf(asked.enqueue)),
    ...one('trials', '50'),
    ...settingWords(settings),
    ...one('sampler', 'tpe'),
    ...one('pruner'),
    ...each('--objective', words(asked.objectives)),
    ...one('repeats'), ...one('seed'), ...one('timeout'), ...one('epochs'), ...one('flop'), ...one('jobs'),
    ...one('keep', 'all'),
  )
}
