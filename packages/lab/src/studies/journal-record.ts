// The records of Optuna's journal, one JSON object a line: what they hold, how they are read and written.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'

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

/** Python's json writes NaN and infinities bare, which JSON.parse refuses; as text they stand for themselves below. */
const BARE = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g
const MARK = '\u0000number:'

/**
 * One line of a journal as a record.
 * @throws SyntaxError where it is no JSON, UserError where it is no record of Optuna's journal
 */
export function parseRecord(line: string): JournalRecord {
  const parsed = /NaN|Infinity/.test(line) ? parseBare(line) : (JSON.parse(line) as unknown)
  const record = journalRecordSchema.safeParse(parsed)
  if (record.success) return record.data
  throw new UserError({
    rule: "This line is no record of Optuna's journal.",
    received: line.length > 200 ? `${line.slice(0, 200)} ...` : line,
    next: 'Is this the journal of a study? Journals of Optuna 3 to 5 are read.',
  }, { cause: record.error })
}

function parseBare(line: string): unknown {
  const marked = line.replace(BARE, word => (word.startsWith('"') ? word : JSON.stringify(MARK + word)))
  return JSON.parse(marked, (_key, item: unknown) =>
    typeof item === 'string' && item.startsWith(MARK) ? Number(item.slice(MARK.length)) : item,
  )
}

/**
 * A record as the line that Optuna reads, without the newline; NaN and infinities bare, as Python's json reads them.
 */
export function formatRecord(record: JournalRecord): string {
  const text = JSON.stringify(record, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? MARK + String(item) : item,
  )
  return text.replaceAll(/"\\u0000number:(NaN|-?Infinity)"/g, '$1')
}
