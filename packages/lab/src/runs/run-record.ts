// What run.json holds, checked on every read.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { parseExact, type Json } from './exact-json.ts'

/** How a run stands. `interrupted`: its process died (or was killed) without a word; such a run can be resumed. */
export const runStatuses = ['running', 'completed', 'stopped', 'failed', 'interrupted'] as const
export type RunStatus = (typeof runStatuses)[number]

export const json = z.custom<Json>(value => value !== undefined)
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const whole = z.number().int().min(0)

export const gitSchema = z.object({
  /** The full hash of HEAD. */
  commit: z.string(),
  /** SHA-256 over what differs from HEAD (the diff and the untracked files); null where nothing does. */
  dirty: sha256.nullable(),
})

const machineSchema = z.object({
  cpu: z.string(),
  /** Logical processors that this process may use. */
  cores: whole,
  /** Bytes of main memory. */
  memory: whole,
  /** Operating system, release and architecture, for example `Linux 6.1.0 x64`. */
  os: z.string(),
})

const attemptSchema = z.object({
  number: whole,
  startedAt: z.string(),
  /** Null while the attempt runs, and for ever where its process died. */
  endedAt: z.string().nullable(),
  pid: whole,
  host: z.string(),
  /** The step of the checkpoint that the attempt started from, 0 for a fresh start. */
  fromStep: whole,
  /** Why it ended: `completed`, `stopped`, an error's message, `interrupted`. */
  reason: z.string().nullable(),
  /** The commit that the attempt ran, since a run may be resumed after a change of code. */
  commit: z.string().nullable(),
  /** What differed from the commit, as in `git`. From here on: left out by older versions. */
  dirty: sha256.nullable().optional(),
  /** SHA-256 of the sources that compute results. */
  code: sha256.nullable().optional(),
  lockFile: sha256.nullable().optional(),
  versions: z.record(z.string(), z.string()).optional(),
  /** Its settings, where a later attempt went on with others: its checkpoints are bound to them. */
  settings: z.record(z.string(), json).optional(),
  /** What had changed since the checkpoint, where the attempt went on all the same. */
  changed: z.array(z.string()).optional(),
})

/** What a measured number means, as records keep it. */
export const metricSchema = z.looseObject({
  name: z.string(),
  title: z.string(),
  unit: z.string(),
  better: z.enum(['higher', 'lower', 'neither']).catch('neither'),
  format: z.enum(['percent', 'fixed', 'significant']).catch('significant'),
  quiet: z.boolean().optional(),
  complement: z.string().optional(),
})

/** The contents of run.json. Fields that a newer version adds are kept. */
export const runRecordSchema = z.looseObject({
  format: z.literal(1),
  experiment: z.string(),
  id: z.string(),
  status: z.enum(runStatuses),
  createdAt: z.string(),
  /** Every setting as it was resolved, defaults included. */
  config: z.record(z.string(), json),
  seed: z.number(),
  /** The settings that were not the experiment's own when the run began; left out by older versions. */
  chosen: z.array(z.string()).optional(),
  /** The study whose trial it is. */
  study: z.looseObject({ name: z.string(), trial: whole }).optional(),
  command: z.array(z.string()),
  git: gitSchema.nullable(),
  /** SHA-256 of package-lock.json. */
  lockFile: sha256.nullable(),
  /** SHA-256 by data file, for example `mnist/train-images-idx3-ubyte.gz`. */
  data: z.record(z.string(), z.string()),
  machine: machineSchema.nullable(),
  /** Version by name: `node`, this project's packages, `onnxruntime-node`. */
  versions: z.record(z.string(), z.string()),
  attempts: z.array(attemptSchema),
  /** What the metrics of the run mean, the one that lists show first; left out by older versions. */
  metrics: z.array(metricSchema).optional(),
  /** SHA-256 by file below the run's folder, of what is final: the rest is added at the end of an attempt. */
  files: z.record(z.string(), sha256).optional(),
  /** SHA-256 of all of this without the field itself, as it was written. */
  checksum: sha256.optional(),
})

export type GitState = z.infer<typeof gitSchema>
export type Machine = z.infer<typeof machineSchema>
export type Attempt = z.infer<typeof attemptSchema>
export type RunRecord = z.infer<typeof runRecordSchema>

/** The value in a file of a run. @throws UserError where it is not JSON */
export function parseJson(text: string, file: string): unknown {
  try {
    return parseExact(text)
  } catch (error) {
    throw new UserError(
      {
        rule: `${file} is not JSON.`,
        received: error instanceof Error ? error.message : String(error),
        next: 'Restore the file from a copy, or remove the run.',
      },
      { cause: error },
    )
  }
}

/**
 * Reads the text of a run.json.
 * @param file its name for the message
 * @throws UserError naming the fields that are missing or ill-typed
 */
export function parseRunRecord(text: string, file = 'run.json'): RunRecord {
  const result = runRecordSchema.safeParse(parseJson(text, file))
  if (result.success) {
    // It belongs to the file, and is written anew with it.
    delete result.data.checksum
    return result.data
  }
  throw new UserError({
    rule: `${file} does not describe a run.`,
    received: result.error.issues.map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`).join('; '),
    next: 'Restore the file from a copy, or remove the run.',
  })
}
