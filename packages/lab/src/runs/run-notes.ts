// What people write beside a run: a name, tags, a note. It is no part of its record, which says only what was done.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { z } from 'zod'
import { readRunFile, writeRunFile } from './run-folder.ts'
import type { RunFolder } from './run-place.ts'

const FILE = 'notes.json'
/** Letters and digits of any script, in words that a list can show. */
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u

export const runNotesSchema = z.strictObject({
  /** What the run is called in lists; empty: its id. */
  title: z.string().trim().max(120).default(''),
  tags: z.array(z.string().regex(TAG, 'a tag is one word of at most 40 letters')).max(20).default([]),
  note: z.string().max(4000).default(''),
})

/** What people write beside a run. */
export type RunNotes = z.infer<typeof runNotesSchema>

const NONE: RunNotes = { title: '', tags: [], note: '' }

/** The file that holds them, also where there is none yet. */
export const runNotesFile = (run: RunFolder): string => path.join(run.folder, FILE)

/** What is written beside a run; nothing where nobody has written, or where the file cannot be read. */
export function readRunNotes(run: RunFolder): RunNotes {
  if (!fs.existsSync(runNotesFile(run))) return NONE
  try {
    const parsed = runNotesSchema.safeParse(JSON.parse(new TextDecoder().decode(readRunFile(run, FILE))))
    return parsed.success ? parsed.data : NONE
  } catch {
    return NONE
  }
}

/**
 * Replaces what is written beside a run.
 * @throws UserError naming what does not fit, or where the folder is not writable
 */
export function writeRunNotes(run: RunFolder, notes: unknown): RunNotes {
  const parsed = runNotesSchema.safeParse(notes)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new UserError({
      rule: 'A run has a name of at most 120 letters, at most 20 tags of one word each, and a note of at most 4,000.',
      received: issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'something else',
    })
  }
  const kept = { ...parsed.data, tags: [...new Set(parsed.data.tags)] }
  writeRunFile(run, FILE, `${JSON.stringify(kept, null, 2)}\n`)
  return kept
}
