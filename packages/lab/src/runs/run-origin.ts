// What decided the numbers of a run beside its state: settings, code, versions, data; kept in every checkpoint,
// compared on resume.
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { ChangedSince } from './changed-since.ts'
import { stringifyExact, type Json } from './exact-json.ts'
import type { Provenance } from './provenance.ts'
import { gitSchema, json, type RunRecord } from './run-record.ts'

const originSchema = z.object({
  /** `<experiment>/<id>` */
  run: z.string(),
  settings: z.record(z.string(), json),
  git: gitSchema.nullable(),
  code: z.string().nullable(),
  lockFile: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
  data: z.record(z.string(), z.string()),
  /** Length of metrics.jsonl and its SHA-256, as it was when the checkpoint was saved. */
  metrics: z.object({ bytes: z.number(), sha256: z.string() }).optional(),
})

/** What decides numbers wherever something is trained: code, versions and data. */
export const groundsSchema = originSchema.pick({ git: true, code: true, lockFile: true, versions: true, data: true })
export type Grounds = z.infer<typeof groundsSchema>

/** What decided the numbers of a checkpoint beside its state. Null: not known. */
export type RunOrigin = z.infer<typeof originSchema>

/** Reads an origin; undefined where the value is none. */
export const parseOrigin = (value: unknown): RunOrigin | undefined => originSchema.safeParse(value).data

/** What an attempt knows of where it runs. */
export type Surroundings = Pick<Provenance, 'git'> & Partial<Pick<Provenance, 'code' | 'lockFile' | 'versions'>>

/** The origin of what an attempt of a run computes from now on. */
export const originOf = (
  record: RunRecord,
  { git, code = null, lockFile = null, versions = {} }: Surroundings,
): RunOrigin => ({
  run: `${record.experiment}/${record.id}`,
  settings: record.config,
  git,
  code,
  lockFile,
  versions,
  data: record.data,
})

/** The origin of a checkpoint that says nothing of it, as far as run.json knows: older versions wrote such. */
export function recordedOrigin(record: RunRecord): RunOrigin {
  const last = record.attempts.at(-1)
  // The record knows what differed from the commit for the first attempt alone.
  const git =
    record.attempts.length <= 1 || last === undefined
      ? record.git
      : last.commit === null
        ? null
        : { commit: last.commit, dirty: last.dirty ?? null }
  return originOf(record, {
    git,
    code: last?.code ?? null,
    lockFile: last?.lockFile ?? record.lockFile,
    versions: last?.versions ?? record.versions,
  })
}

/** Settings that say where something lies, and nothing of what is computed. */
const PLACES = ['data', 'testData']

const shown = (value: Json | undefined) => (value === undefined ? 'none' : stringifyExact(value).slice(0, 60))

/** The settings that differ, each as `name: before, now after`. */
export function changedSettings(before: Readonly<Record<string, Json>>, now: Readonly<Record<string, Json>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter(name => !PLACES.includes(name) && stringifyExact(before[name]) !== stringifyExact(now[name]))
    .map(name => `${name}: ${shown(before[name])}, now ${shown(now[name])}`)
}

const short = (hash: string) => hash.slice(0, 10)
const gitText = ({ commit, dirty }: NonNullable<RunOrigin['git']>) =>
  `${short(commit)}${dirty === null ? '' : ` with changes ${short(dirty)}`}`

function changedCode(before: Grounds, now: Grounds): string[] {
  const commits = before.git && now.git ? ` (commit ${gitText(before.git)}, now ${gitText(now.git)})` : ''
  if (before.code !== null && now.code !== null)
    return before.code === now.code ? [] : [`code: the sources differ${commits}`]
  if (!before.git || !now.git) return []
  return before.git.commit === now.git.commit && before.git.dirty === now.git.dirty
    ? []
    : [`code: commit ${gitText(before.git)}, now ${gitText(now.git)}`]
}

type Checksums = Readonly<Record<string, string>>

/** Data that have other contents, of those that both sides name. */
export const changedData = (before: Checksums, now: Checksums): string[] =>
  Object.keys(before)
    .filter(name => now[name] !== undefined && before[name] !== now[name])
    .map(name => `data: ${name} has other contents (SHA-256 ${short(now[name] ?? '')}… instead ` +
      `of ${short(before[name] ?? '')}…)`)

/**
 * What has changed since a checkpoint, one line each; empty where going on gives what an uninterrupted run gives.
 *
 * These count, for each can change a number: the settings, the sources that compute (where they are not known, the
 * commit and what differs from it), the versions of Node, of ONNX Runtime and of this project, the lock file (it pins
 * what decodes and computes besides), and the contents of the data. These are recorded with the attempt only: the
 * commit where the sources are the same (a commit of memos changes no run), the machine (a run may be moved on
 * purpose), the place of the data, and whatever one of both sides does not know (an installed package has no git and no
 * lock file).
 */
export const changesSince = (before: RunOrigin, now: RunOrigin): string[] => [
  ...changedSettings(before.settings, now.settings),
  ...changedGrounds(before, now),
]

/** What has changed beside the settings, as {@link changesSince} says it. */
export function changedGrounds(before: Grounds, now: Grounds): string[] {
  const versions = Object.keys(before.versions)
    .filter(name => now.versions[name] !== undefined && before.versions[name] !== now.versions[name])
    .map(name => `${name}: ${before.versions[name] ?? ''}, now ${now.versions[name] ?? ''}`)
  const lockFile = before.lockFile !== null && now.lockFile !== null && before.lockFile !== now.lockFile
  return [
    ...changedCode(before, now),
    ...versions,
    ...(lockFile ? [`package-lock.json: ${short(before.lockFile ?? '')}…, now ${short(now.lockFile ?? '')}…`] : []),
    ...changedData(before.data, now.data),
  ]
}

/** The refusal to go on with what has changed. */
export const changedError = (run: string, changes: readonly string[]): ChangedSince => new ChangedSince({
  rule: `${run} has changed since its last checkpoint: going on would not give what an uninterrupted run gives.`,
  received: changes.join('; '),
  next: `Put it back as it was, or go on all the same with: npm run ddlf -- resume ${run} --changed (the record will ` +
    `say so).`,
})

/** The attempts of a run that goes on with other settings: those that ran with the old ones say so from now on. */
export const attemptsBefore = (record: RunRecord, origin: RunOrigin | undefined): RunRecord['attempts'] =>
  !origin || changedSettings(origin.settings, record.config).length === 0
    ? record.attempts
    : record.attempts.map(attempt => ({ ...attempt, settings: attempt.settings ?? origin.settings }))

/** The settings that a checkpoint was trained with: those of its attempt; where its data lie, the record knows. */
export const settingsOf = (record: RunRecord, origin: RunOrigin | undefined): RunRecord['config'] =>
  !origin || changedSettings(origin.settings, record.config).length === 0
    ? record.config
    : {
        ...origin.settings,
        ...Object.fromEntries(Object.entries(record.config).filter(([name]) => PLACES.includes(name))),
      }

/**
 * Refuses a checkpoint of another run, and one whose settings are neither those in run.json nor those of an attempt
 * before.
 * @param file its name for the message
 */
export function assertBound(origin: RunOrigin | undefined, record: RunRecord, file: string): void {
  if (!origin) return
  const run = `${record.experiment}/${record.id}`
  if (origin.run !== run) {
    throw new UserError({
      rule: 'The checkpoint was saved by another run.',
      received: `${file}, saved by ${origin.run} and not by ${run}`,
      next: 'Put the checkpoint of this run back.',
    })
  }
  const changes = changedSettings(origin.settings, record.config)
  const isOfAttempt = ({ settings }: RunRecord['attempts'][number]) =>
    settings !== undefined && changedSettings(origin.settings, settings).length === 0
  if (changes.length === 0 || record.attempts.some(isOfAttempt)) return
  throw new UserError({
    rule: 'The settings in run.json are not those that the checkpoint was trained with.',
    received: `${run}: ${changes.join('; ')}`,
    next: `Put them back as they were; to train on with others: npm run ddlf -- resume ${run} --changed`,
  })
}
