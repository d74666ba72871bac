// What a run keeps of its data beside its examples: written once, read again only as it was written.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { readWholeFile, sha256 } from '../../runs/atomic-file.ts'
import { runPaths } from '../../runs/run-folder.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import type { RunRecord } from '../../runs/run-record.ts'
import type { StoredRun } from '../../runs/stored-run.ts'
import type { Artifacts } from '../data-source.ts'

/** A run whose files are wanted. */
export interface RecordedRun {
  readonly run: RunFolder
  readonly record: Pick<RunRecord, 'files'>
}

/** How messages call a file, and what is lost without it. */
export interface ArtifactWords {
  readonly what: string
  readonly without: string
}

/** Where an artifact of a run lies. */
export const artifactFile = (run: RunFolder, name: string): string => path.join(runPaths(run).artifacts, name)

/**
 * An artifact of a run; undefined where it keeps none of the name (runs of older versions).
 * @throws UserError where it was changed, or is missing though the record names it
 */
export function readArtifact(
  { run, record }: RecordedRun,
  name: string,
  { what, without }: ArtifactWords,
): Uint8Array | undefined {
  const file = artifactFile(run, name)
  const expected = record.files?.[`artifacts/${name}`]
  if (!fs.existsSync(file)) {
    if (expected === undefined) return undefined
    throw new UserError({
      rule: `${what} is gone.`,
      received: file,
      next: `Restore it from a copy: without it ${without}.`,
    })
  }
  const bytes = readWholeFile(file)
  const actual = sha256(bytes)
  if (expected === undefined || actual === expected) return bytes
  throw new UserError({
    rule: `${what} was changed.`,
    received: `${file}: SHA-256 ${actual} instead of ${expected}`,
    next: 'Restore it from a copy.',
  })
}

/** Writes artifacts into a run that does not have them yet. */
export function keepArtifacts(store: Pick<StoredRun, 'record' | 'writeArtifact'>, artifacts: Artifacts = {}): void {
  for (const [name, content] of Object.entries(artifacts)) {
    if (store.record.files?.[`artifacts/${name}`] === undefined) {
      store.writeArtifact(name, new TextEncoder().encode(content))
    }
  }
}

/** The text of an artifact that a source made of its data; undefined where the run keeps none of the name. */
export function keptArtifact(of: RecordedRun | undefined, name: string): string | undefined {
  const bytes =
    of && readArtifact(of, name, { what: `The file ${name} of the run`, without: 'nobody can read its data' })
  return bytes && new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}
