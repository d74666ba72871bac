// What the form that starts a study sends: checked field by field, as `ddlf tune` checks its options.
import { z } from 'zod'
import { findExperiment, parseSettings, type Experiment } from '../experiment/experiment.ts'
import { duration } from '../studies/duration.ts'
import { prunerName, samplerName } from '../studies/named.ts'
import { studyFolder } from '../studies/node/study-folders.ts'
import { checkPruner, checkSettings } from '../studies/node/tuning.ts'
import { objectivesOf } from '../studies/objective.ts'
import { parsePoint, parseSpace } from '../studies/space/space-text.ts'
import { STUDY_FIELDS } from '../studies/study-description.ts'
import { checkSpaceOf } from '../studies/trial-settings.ts'
import { checkGiven } from '../studies/waiting.ts'
import { atField, FieldError } from './field-error.ts'
import type { StudyWork } from './study-run.ts'

const text = z.string().max(1000)
const lines = z.array(text).max(100)
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.number().int().min(least).max(most)
const startSchema = z.strictObject({
  experiment: text,
  study: text.optional(),
  /** `name=range`, as after `--space`. */
  space: lines.default([]),
  /** `name=value,name=value`, as after `--enqueue`. */
  enqueue: lines.default([]),
  /** Settings of every trial: texts are read as after `--set`. */
  settings: z.record(z.string().max(100), z.unknown()).default({}),
  trials: whole(1, 100_000),
  sampler: text.optional(),
  pruner: text.optional(),
  objectives: z.array(text).max(20).default([]),
  repeats: whole(1, 1000).optional(),
  seed: whole(0).optional(),
  /** `90s`, `30m`, `2h`. */
  timeout: text.optional(),
  epochs: whole(1).optional(),
  flop: z.number().positive().optional(),
  jobs: whole(1, 64).optional(),
  keep: z.enum(['all', 'best']).optional(),
  /** Go on although settings, code or data have changed since. */
  changed: z.boolean().optional(),
})

/** How a page begins a study, or goes on with one. */
export type StudyStart = z.input<typeof startSchema>

/** What the fields hold, where that is not what a file of a study says. */
const FIELDS: Readonly<Record<string, string>> = {
  ...STUDY_FIELDS,
  trials: 'a whole number from 1 to 100,000',
  jobs: 'a whole number from 1 to 64',
  objectives: 'a metric, or several of them',
}

const shown = (value: unknown): string => {
  const written = typeof value === 'string' ? value : value === undefined ? 'nothing' : JSON.stringify(value)
  return written === '' ? 'an empty text' : written.length > 120 ? `${written.slice(0, 120)} ...` : written
}

/** @throws FieldError naming the field that holds something else; ZodError where the request is no such form */
function parseStart(body: unknown): z.output<typeof startSchema> {
  const parsed = startSchema.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = String(issue?.path[0] ?? '')
  if (!Object.hasOwn(FIELDS, field)) throw parsed.error
  throw new FieldError(field, {
    rule: `${field} is ${FIELDS[field] ?? ''}.`,
    received: shown((body as Readonly<Record<string, unknown>>)[field]),
    next: field === 'trials' || field === 'experiment' ? `Give ${field} another value.` : 'Mend it, or leave it out.',
  }, { cause: parsed.error })
}

const given = <T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never

/** Where studies lie, and what they may tune. */
export interface StartPlace {
  readonly studies: string
  readonly experiments: readonly Experiment[]
}

type Tuning = StudyWork['tuning']
type Run = Pick<StudyWork['run'], 'budget' | 'jobs' | 'keep'>

/**
 * Reads what a page sends.
 * @throws FieldError naming the field that is mistaken; ZodError where the request is no such form
 */
export function readStart(body: unknown, { studies, experiments }: StartPlace): { tuning: Tuning; run: Run } {
  const { settings, trials, epochs, flop, timeout, jobs, keep, ...asked } = parseStart(body)
  const { study, space, enqueue, objectives, sampler, pruner, repeats, seed, changed } = asked
  const experiment = atField('experiment', () => findExperiment(experiments, asked.experiment))
  atField('study', () => studyFolder(studies, study ?? experiment.name))
  const set = Object.entries(settings).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  atField('settings', () => { checkSettings(experiment, set) })
  if (space.length > 0) {
    const parameters = atField('space', () => parseSpace(space))
    atField('space', () => { checkSpaceOf(experiment, parseSettings(experiment, set), parameters) })
    atField('enqueue', () => { for (const point of enqueue) checkGiven(parameters, parsePoint(point)) })
  }
  if (objectives.length > 0) atField('objectives', () => objectivesOf(experiment, objectives))
  if (sampler !== undefined) atField('sampler', () => samplerName(sampler))
  if (pruner !== undefined) atField('pruner', () => { checkPruner(objectives, prunerName(pruner), repeats) })
  const seconds = timeout === undefined ? undefined : atField('timeout', () => duration('A time limit')(timeout))
  return {
    tuning: {
      experiment: experiment.name,
      set, space, enqueue, objectives, studies,
      command: ['ddlf', 'lab'],
      ...given({ study, sampler, pruner, repeats, seed, changed }),
    },
    run: { budget: { trials, ...given({ epochs, flop, timeout: seconds }) }, ...given({ jobs, keep }) },
  }
}
