// The records of Optuna's journal, one JSON object a line: what they hold, how they are read and written.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { issueWords, placedIssue } from '../experiment/issue-words.ts'
import { formatPythonJson, parsePythonJson } from './python-json.ts'

/** Optuna's numbers for the kinds of record (`JournalOperation`). */
export const OPERATION = {
  createStudy: 0,
  deleteStudy: 1,
  setStudyUserAttribute: 2,
  setStudySystemAttribute: 3,
  createTrial: 4,
  setTrialParam: 5,
  setTrialStateValues: 6,
  setTrialIntermediateValue: 7,
  setTrialUserAttribute: 8,
  setTrialSystemAttribute: 9,
  discardTrials: 10,
} as const

const index = z.number().int().nonnegative()
const attribute = z.record(z.string(), z.unknown())
const single = attribute.refine(record => Object.keys(record).length === 1, 'one attribute a record')
const number = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)])
const values = z.array(number).nullable()
// Python's isoformat in UTC.
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)?$/)
const worker = { worker_id: z.string() }

/** 0 running, 1 complete, 2 pruned, 3 failed, 4 waiting. */
const state = z.number().int().min(0).max(4)

/** One record of Optuna's journal, version 3 to 5. */
export const journalRecordSchema = z.discriminatedUnion('op_code', [
  z.object({
    op_code: z.literal(0),
    ...worker,
    study_name: z.string(),
    directions: z.array(z.number().int().min(0).max(2)).min(1),
  }),
  z.object({ op_code: z.literal(1), ...worker, study_id: index }),
  z.object({ op_code: z.literal(2), ...worker, study_id: index, user_attr: single }),
  z.object({ op_code: z.literal(3), ...worker, study_id: index, system_attr: single }),
  z.object({
    op_code: z.literal(4),
    ...worker,
    study_id: index,
    datetime_start: time.nullable(),
    // A trial that is added whole, for example one that waits (enqueue_trial) or one copied from another study.
    state: state.optional(),
    value: number.nullish(),
    values: values.optional(),
    datetime_complete: time.nullish(),
    distributions: z.record(z.string(), z.string()).optional(),
    params: z.record(z.string(), z.number()).optional(),
    user_attrs: attribute.optional(),
    system_attrs: attribute.optional(),
    intermediate_values: z.record(z.string(), number).optional(),
  }).superRefine(({ params = {}, distributions = {} }, context) => {
    for (const name of Object.keys(params).filter(one => !Object.hasOwn(distributions, one)))
      context.addIssue({ code: 'custom', path: ['params', name], message: 'the parameter has no distribution' })
  }),
  z.object({
    op_code: z.literal(5),
    ...worker,
    trial_id: index,
    param_name: z.string(),
    param_value_internal: z.number(),
    distribution: z.string(),
  }),
  z.object({
    op_code: z.literal(6),
    ...worker,
    trial_id: index,
    state,
    values,
    datetime_start: time.optional(),
    datetime_complete: time.optional(),
  }),
  z.object({ op_code: z.literal(7), ...worker, trial_id: index, step: z.number().int(), intermediate_value: number }),
  z.object({ op_code: z.literal(8), ...worker, trial_id: index, user_attr: single }),
  z.object({ op_code: z.literal(9), ...worker, trial_id: index, system_attr: single }),
  z.looseObject({ op_code: z.literal(10), ...worker }),
])

/** One record of a journal, its fields named as Optuna names them. */
export type JournalRecord = z.infer<typeof journalRecordSchema>

/** What is wrong with a record, where it has the number of a kind of record. */
const issueText = (issue: z.core.$ZodIssue) =>
  issue.path[0] === 'op_code' ? issueWords(issue) : placedIssue(issue)

/**
 * One line of a journal as a record.
 * @throws SyntaxError where it is no JSON, UserError where it is no record of Optuna's journal
 */
export function parseRecord(line: string): JournalRecord {
  const record = journalRecordSchema.safeParse(parsePythonJson(line))
  if (record.success) return record.data
  const [issue] = record.error.issues
  throw new UserError({
    rule: `This line is no record of Optuna's journal${issue ? `: ${issueText(issue)}` : ''}.`,
    received: line.length > 200 ? `${line.slice(0, 200)} ...` : line,
    next: 'Is this the journal of a study? Journals of Optuna 3 to 5 are read.',
  }, { cause: record.error })
}

/**
 * A record as the line that Optuna reads, without the newline; NaN and infinities bare, as Python's json reads them.
 */
export const formatRecord = (record: JournalRecord): string => formatPythonJson(record)
