// Studies on disk: <folder>/<name>/journal.jsonl, listed and read without changing anything.
import fs from 'node:fs'
import path from 'node:path'
import { nearestName, UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../../command-text.ts'
import { isRunName } from '../../runs/run-place.ts'
import { runLockOwner } from '../../runs/run-lock.ts'
import type { Metric } from '../../experiment/metric.ts'
import { namedStudies, splitName, studyIn, type NamedStudy } from '../in-journal.ts'
import { paretoFront } from '../pareto.ts'
import { JournalReplay, type StoredStudy } from '../replay.ts'
import type { Space } from '../space/space.ts'
import { objectiveMetrics, spaceOf } from '../tuning-record.ts'
import { studiesWords } from './studies-words.ts'
import type { Direction, Trial } from '../trial.ts'
import { isBegun, JOURNAL_FILE, readStudyJournal } from './study-journal.ts'

/** A study as its journal tells it. */
export interface StudyRecord {
  /** As commands name it: its folder, of a journal with several `folder/study`. */
  readonly name: string
  /** As its journal names it. */
  readonly storedName: string
  /** The other studies of its journal, as commands name them. */
  readonly others: readonly string[]
  /** The folder of its journal. */
  readonly folder: string
  readonly directions: readonly Direction[]
  /** What the values mean, one for each direction. */
  readonly metrics: readonly Metric[]
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

/** A folder of that name, and what lies beside it, is allowed by every file system. */
const MOST_LETTERS = 200

/** The place of a study's folder. @throws UserError where the name cannot be one */
export function studyFolder(root: string, name: string): string {
  if (isRunName(name) && name.length <= MOST_LETTERS) return path.join(root, name)
  if (isRunName(name))
    throw new UserError({
      rule: `A study's name has at most ${MOST_LETTERS} letters.`,
      received: `${name.length} letters, ${name.slice(0, 40)}...`,
      next: 'Give a shorter name such as mlp-wide with --study.',
    })
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

/** Whether there is an entry of this name, also a link that leads nowhere. */
const isThere = (file: string) => fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined

/** @throws UserError where there is no study of this name, or its journal cannot be read */
function storedStudies(root: string, name: string): StoredStudy[] {
  const folder = studyFolder(root, splitName(name).folder)
  const file = path.join(folder, JOURNAL_FILE)
  if (!fs.existsSync(file)) {
    if (isThere(file))
      throw new UserError({
        rule: 'The journal of this study is a link to a file that is not there.',
        received: file,
        next: 'Put that file back, or remove the link.',
      })
    const near = nearestName(name, studyNames(root))
    const list = ddlfCommand('study', 'list', ...studiesWords(root))
    const next = near === undefined ? `See which studies there are: ${list}` : `Did you mean '${near}'?`
    throw new UserError({ rule: 'There is no study of this name.', received: `${name} in ${path.resolve(root)}`, next })
  }
  const replay = new JournalReplay()
  for (const record of readStudyJournal(file)) replay.apply(record)
  return [...replay.studies.values()]
}

function recordOf(root: string, { name, study }: NamedStudy, all: readonly NamedStudy[]): StudyRecord {
  const folder = studyFolder(root, splitName(name).folder)
  const { directions, trials, userAttributes } = study
  const front = paretoFront(trials, directions)
  return {
    name,
    storedName: study.name,
    others: all.map(one => one.name).filter(other => other !== name),
    folder,
    directions,
    metrics: objectiveMetrics(userAttributes, directions),
    trials,
    best: directions.length > 1 ? undefined : front[0],
    front,
    space: spaceOf(study),
    attributes: userAttributes,
    running: runLockOwner(folder) !== undefined,
  }
}

/**
 * Reads a study while another process may be writing it.
 * @param name its folder; of a journal that holds several, which Optuna writes, `folder/study`
 * @throws UserError where there is none of this name, or its journal cannot be read
 */
export function readStudy(root: string, name: string): StudyRecord {
  const stored = storedStudies(root, name)
  return recordOf(root, studyIn(name, stored), namedStudies(splitName(name).folder, stored))
}

/** All studies of a folder's journal: one, or the several that Optuna wrote there. @throws UserError as readStudy */
export function readStudies(root: string, folder: string): StudyRecord[] {
  const stored = storedStudies(root, folder)
  if (stored.length === 0) studyIn(folder, stored)
  const all = namedStudies(folder, stored)
  return all.map(one => recordOf(root, one, all))
}
