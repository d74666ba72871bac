// Studies on disk: <folder>/<name>/journal.jsonl, listed and read without changing anything.
import fs from 'node:fs'
import path from 'node:path'
import { nearestName, UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../../command-text.ts'
import { isRunName } from '../../runs/run-place.ts'
import { runLockOwner } from '../../runs/run-lock.ts'
import { paretoFront, lossesOf } from '../pareto.ts'
import { JournalReplay, type StoredStudy } from '../replay.ts'
import type { Space } from '../space/space.ts'
import type { Direction, Trial } from '../trial.ts'
import { isBegun, JOURNAL_FILE, readStudyJournal } from './study-journal.ts'

/** A study as its journal tells it. */
export interface StudyRecord {
  readonly name: string
  /** The folder of its journal. */
  readonly folder: string
  readonly directions: readonly Direction[]
  readonly trials: readonly Trial[]
  /** Of one objective: the best complete trial. */
  readonly best: Trial | undefined
  /** The complete trials that no other one beats in every objective. */
  readonly front: readonly Trial[]
  /** As the study was opened with; of one that Optuna wrote, as its trials have it. */
  readonly space: Space
  readonly attributes: Readonly<Record<string, unknown>>
  /** Whether a process works on it now. */
  readonly running: boolean
}

/** The system attribute that holds the space. */
const SPACE = 'ddlf:space'

const spaceOf = ({ systemAttributes, trials }: StoredStudy): Space =>
  (systemAttributes[SPACE] ?? Object.assign({}, ...trials.map(({ distributions }) => distributions))) as Space

/** The place of a study's folder. @throws UserError where the name cannot be one */
export function studyFolder(root: string, name: string): string {
  if (isRunName(name)) return path.join(root, name)
  throw new UserError({
    rule: "A study's name is made of letters, digits, '-', '_' and '.', and starts with a letter or digit.",
    received: name === '' ? 'an empty text' : name,
    next: 'Give a name such as mlp-wide with --study.',
  })
}

/** Whether a file may be a study's journal; one that cannot be read may, so that it is named and not overlooked. */
function mayBeStudy(file: string): boolean {
  try {
    return isBegun(file)
  } catch {
    return true
  }
}

/** The names of the studies of a folder: each has a journal with a record, or with what cannot be read. */
export function studyNames(root: string): string[] {
  if (!fs.existsSync(root)) return []
  const folders = fs
    .readdirSync(root, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && isRunName(entry.name))
  return folders
    .map(({ name }) => name)
    .filter(name => mayBeStudy(path.join(root, name, JOURNAL_FILE)))
    .sort()
}

/**
 * Reads a study while another process may be writing it.
 * @throws UserError where there is none of this name, or its journal cannot be read
 */
export function readStudy(root: string, name: string): StudyRecord {
  const folder = studyFolder(root, name)
  const file = path.join(folder, JOURNAL_FILE)
  if (!fs.existsSync(file)) {
    const near = nearestName(name, studyNames(root))
    const next =
      near === undefined ? `See which studies there are: ${ddlfCommand('study', 'list')}` : `Did you mean '${near}'?`
    throw new UserError({ rule: 'There is no study of this name.', received: `${name} in ${path.resolve(root)}`, next })
  }
  const replay = new JournalReplay()
  for (const record of readStudyJournal(file)) replay.apply(record)
  // A journal that Optuna wrote may hold several, under any names.
  const stored = replay.find(name) ?? [...replay.studies.values()][0]
  if (!stored)
    throw new UserError({
      rule: 'The journal holds no study.',
      received: file,
      next: 'Was it cut? Restore it from a copy.',
    })
  const { directions, trials, userAttributes } = stored
  const complete = trials.filter(({ state }) => state === 'complete')
  const loss = (trial: Trial) => lossesOf(trial, directions)[0] ?? Infinity
  const best =
    directions.length > 1 ? undefined : complete.toSorted((a, b) => loss(a) - loss(b) || a.number - b.number)[0]
  return {
    name: stored.name,
    folder,
    directions,
    trials,
    best,
    front: paretoFront(trials, directions),
    space: spaceOf(stored),
    attributes: userAttributes,
    running: runLockOwner(folder) !== undefined,
  }
}
