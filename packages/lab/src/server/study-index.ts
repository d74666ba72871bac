// The studies of a folder as the lab reads them: each journal once, and then only what was added.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { Metric } from '../experiment/metric.ts'
import { explained, openToRead } from '../runs/atomic-file.ts'
import { runLockOwner } from '../runs/run-lock.ts'
import { continuedBy } from '../studies/continuation.ts'
import { namedStudies, splitName, studyIn } from '../studies/in-journal.ts'
import { JOURNAL_FILE, parseLines } from '../studies/node/study-journal.ts'
import { studyFolder, studyNames } from '../studies/node/study-folders.ts'
import { paretoFront } from '../studies/pareto.ts'
import { OPERATION, type JournalRecord } from '../studies/journal-record.ts'
import { JournalReplay, type StoredStudy, type StoredTrial } from '../studies/replay.ts'
import type { Space } from '../studies/space/space.ts'
import type { Choice } from '../studies/space/distribution.ts'
import type { Direction, Trial, TrialState } from '../studies/trial.ts'
import { shownParams } from '../studies/waiting.ts'
import { objectiveMetrics, runsOfTrial, spaceOf, tuningOf } from '../studies/tuning-record.ts'

/** A trial as the page gets it. */
export interface TrialLine {
  readonly number: number
  readonly state: TrialState
  readonly params: Readonly<Record<string, Choice>>
  /** Null: not a finite number. */
  readonly values: readonly (number | null)[] | null
  readonly steps: readonly (readonly [number, number | null])[]
  readonly runs: readonly string[]
  readonly continues: number | null
  readonly failure: string | null
}

/** A study as the list shows it. */
export interface StudyLine {
  readonly name: string
  readonly experiment: string | null
  readonly objectives: readonly string[]
  /** What the objectives mean, in their order. */
  readonly metrics: readonly Metric[]
  readonly directions: readonly Direction[]
  /** Trials by their state. */
  readonly counts: Readonly<Partial<Record<TrialState, number>>>
  /** The values of the best trial; null with several objectives, and before there is one. */
  readonly best: readonly number[] | null
  readonly running: boolean
  /** Why its journal cannot be read; null where it can. */
  readonly unreadable: string | null
}

/** A study in full, or what of it is new to a page that has the rest. */
export interface StudyDetail extends StudyLine {
  readonly space: Space
  /** All trials by number; for a page that has a `version` already, those that have changed since. */
  readonly trials: readonly TrialLine[]
  /** Whether these are all trials. */
  readonly whole: boolean
  readonly front: readonly number[]
  readonly stoppable: boolean
  /** Why the lab could not go on with it, when it last tried. */
  readonly trouble: string | null
  /** How far the journal was read: a page that names it gets only what came after it. */
  readonly version: string
}

/** What is told of a study that has not changed. */
export type StudyStanding = Pick<StudyDetail, 'version' | 'running' | 'stoppable'>

/** A journal that was read so far. */
interface Followed {
  readonly inode: number
  readonly replay: JournalReplay
  /** How far the journal reached when each trial last changed, by the trial's id. */
  readonly changed: number[]
  /** Bytes of whole lines that were read, and how many lines those are. */
  size: number
  lines: number
  /** Why the lines behind them cannot be read, and how far the file reached then. */
  failed?: { readonly error: UserError; readonly size: number }
}

const NEWLINE = 0x0a
const finite = (value: number) => (Number.isFinite(value) ? value : null)

const unreadable = (error: unknown, file: string): UserError =>
  error instanceof UserError
    ? error
    : new UserError(
        { rule: 'The journal of the study cannot be read.', received: file, next: 'Restore it from a copy.' },
        { cause: error },
      )

function trialLine(trial: StoredTrial): TrialLine {
  const { failure } = trial.userAttributes
  return {
    number: trial.number,
    state: trial.state,
    params: shownParams(trial),
    values: trial.values?.map(finite) ?? null,
    steps: [...trial.intermediateValues].map(([step, value]) => [step, finite(value)]),
    runs: runsOfTrial(trial),
    continues: continuedBy(trial) ?? null,
    failure: typeof failure === 'string' ? failure : null,
  }
}

const frontOf = ({ trials, directions }: StoredStudy) => paretoFront(trials, directions)

const begun = (inode: number): Followed => ({ inode, replay: new JournalReplay(), changed: [], size: 0, lines: 0 })

/** Applies records that reach to a place of the journal, and notes which trials they change. */
function follow({ replay, changed }: Followed, records: readonly JournalRecord[], reach: number): void {
  for (const record of records) {
    if (record.op_code === OPERATION.createTrial) changed[replay.nextTrialId] = reach
    else if ('trial_id' in record && typeof record.trial_id === 'number') changed[record.trial_id] = reach
    replay.apply(record)
  }
}

/** The line of a study of which no more is known than why. */
const unreadableLine = (name: string, { parts }: UserError): StudyLine => ({
  name,
  experiment: null,
  objectives: [],
  metrics: [],
  directions: [],
  counts: {},
  best: null,
  running: false,
  unreadable: [parts.rule, parts.received].filter(Boolean).join(' '),
})

/** Bytes that are read at a time. */
const PIECE = 2 ** 20

/** Bytes of a line: a trial with thousands of steps takes some hundred thousand. */
const LONGEST_LINE = 32 * 2 ** 20

const endless = (file: string, line: number) => new UserError({
  rule: `A line of a study's journal has at most ${LONGEST_LINE / 2 ** 20} MiB.`,
  received: `${file}, line ${line}, which has not ended by then`,
  next: 'Restore the journal from a copy.',
})

/** Reads the whole lines that came to a journal, piece by piece: a long one never lies in memory as a whole. */
function extend(followed: Followed, file: string, size: number): void {
  if (size <= followed.size) return
  const descriptor = explained(file, () => openToRead(file))
  try {
    // Pieces of a line that has not ended yet.
    let begun: Uint8Array[] = []
    for (let at = followed.size; at < size;) {
      const piece = new Uint8Array(Math.min(PIECE, size - at))
      const read = fs.readSync(descriptor, piece, 0, piece.length, at)
      if (read === 0) return
      at += read
      const found = piece.subarray(0, read)
      const end = found.lastIndexOf(NEWLINE) + 1
      if (end === 0) {
        begun.push(found)
        if (at - followed.size > LONGEST_LINE) throw endless(file, followed.lines + 1)
        continue
      }
      const whole = Buffer.concat([...begun, found.subarray(0, end)])
      const records = parseLines(whole, file, followed.lines)
      follow(followed, records, followed.size + whole.length)
      followed.lines += records.length
      followed.size += whole.length
      begun = end < read ? [found.slice(end)] : []
    }
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Reads the studies of a folder while others write them. */
export class StudyIndex {
  readonly #root: string
  readonly #followed = new Map<string, Followed>()

  constructor(root: string) {
    this.#root = root
  }

  list(): StudyLine[] {
    return studyNames(this.#root).flatMap(folder => {
      try {
        const { replay } = this.#read(folder)
        if (replay.studies.size === 0) studyIn(folder, [])
        const studies = namedStudies(folder, replay.studies.values())
        return studies.map(({ name, study }) => this.#line(name, study, frontOf(study)))
      } catch (error) {
        // A journal that cannot be read keeps none of the others from the list, and is named there.
        return [unreadableLine(folder, unreadable(error, folder))]
      }
    })
  }

  /**
   * @param known the version that the page has
   * @throws UserError where there is no such study
   */
  detail(name: string, stoppable: boolean, known = ''): StudyDetail | StudyStanding {
    const { inode, size, changed, replay } = this.#read(splitName(name).folder)
    const { name: called, study } = studyIn(name, replay.studies.values())
    const version = `${inode}-${size}`
    const front = frontOf(study)
    const line = this.#line(called, study, front)
    if (known === version) return { version, running: line.running, stoppable }
    const [file, reached] = known.split('-').map(Number)
    // Another file, or one that was cut: the page begins anew.
    const whole = file !== inode || reached === undefined || !(reached <= size)
    const trials = whole ? study.trials : study.trials.filter(({ id }) => (changed[id] ?? 0) > reached)
    const { trouble } = study.userAttributes
    return {
      ...line,
      space: spaceOf(study),
      trials: trials.map(trialLine),
      whole,
      front: front.map(({ number }) => number),
      stoppable,
      trouble: typeof trouble === 'string' && trouble !== '' ? trouble : null,
      version,
    }
  }

  #line(name: string, study: StoredStudy, front: readonly Trial[]): StudyLine {
    const metrics = objectiveMetrics(study.userAttributes, study.directions)
    const counts: Partial<Record<TrialState, number>> = {}
    for (const { state } of study.trials) counts[state] = (counts[state] ?? 0) + 1
    const [best] = study.directions.length > 1 ? [] : front
    return {
      name,
      experiment: tuningOf(study.userAttributes)?.experiment ?? null,
      directions: study.directions,
      counts,
      best: best?.values ?? null,
      objectives: metrics.map(metric => metric.name),
      metrics,
      running: runLockOwner(studyFolder(this.#root, splitName(name).folder)) !== undefined,
      unreadable: null,
    }
  }

  #read(name: string): Followed {
    const file = path.join(studyFolder(this.#root, name), JOURNAL_FILE)
    const status = fs.statSync(file, { throwIfNoEntry: false })
    if (!status)
      throw new UserError({ rule: 'There is no study of this name.', received: name, next: 'See the list of studies.' })
    // A pipe or a device says nothing of its size, and is refused.
    if (!status.isFile()) fs.closeSync(openToRead(file))
    const known = this.#followed.get(name)
    const isSame = known?.inode === status.ino && status.size >= known.size
    if (isSame && known.failed?.size === status.size) throw known.failed.error
    // Opened anew by a writer, or replaced, or mended: read from its beginning.
    const followed = isSame && !known.failed ? known : begun(status.ino)
    this.#followed.set(name, followed)
    try {
      extend(followed, file, status.size)
    } catch (error) {
      const failure = unreadable(error, file)
      this.#followed.set(name, { ...begun(status.ino), failed: { error: failure, size: status.size } })
      throw failure
    }
    return followed
  }
}
