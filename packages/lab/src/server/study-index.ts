// The studies of a folder as the lab reads them: each journal once, and then only what was added.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { metricOf, type Metric } from '../experiment/metric.ts'
import { explained, openToRead } from '../runs/atomic-file.ts'
import { runLockOwner } from '../runs/run-lock.ts'
import { continuedBy } from '../studies/continuation.ts'
import { JOURNAL_FILE, parseLines } from '../studies/node/study-journal.ts'
import { studyFolder, studyNames } from '../studies/node/study-folders.ts'
import { paretoFront } from '../studies/pareto.ts'
import { OPERATION, type JournalRecord } from '../studies/journal-record.ts'
import { JournalReplay, type StoredStudy, type StoredTrial } from '../studies/replay.ts'
import type { Space } from '../studies/space/space.ts'
import type { Choice } from '../studies/space/distribution.ts'
import type { Direction, TrialState } from '../studies/trial.ts'

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
  /** Bytes of whole lines that were read. */
  size: number
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
  const { runs, failure } = trial.userAttributes
  return {
    number: trial.number,
    state: trial.state,
    params: trial.params,
    values: trial.values?.map(finite) ?? null,
    steps: [...trial.intermediateValues].map(([step, value]) => [step, finite(value)]),
    runs: Array.isArray(runs) ? (runs as string[]) : [],
    continues: continuedBy(trial) ?? null,
    failure: typeof failure === 'string' ? failure : null,
  }
}

const begun = (inode: number): Followed => ({ inode, replay: new JournalReplay(), changed: [], size: 0 })

/** Applies records that reach to a place of the journal, and notes which trials they change. */
function follow({ replay, changed }: Followed, records: readonly JournalRecord[], reach: number): void {
  for (const record of records) {
    if (record.op_code === OPERATION.createTrial) changed[replay.nextTrialId] = reach
    else if ('trial_id' in record && typeof record.trial_id === 'number') changed[record.trial_id] = reach
    replay.apply(record)
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
    return studyNames(this.#root).flatMap(name => {
      try {
        return [this.#line(name, this.#read(name).study)]
      } catch (error) {
        // A journal that cannot be read keeps none of the others from the list.
        if (error instanceof UserError) return []
        throw error
      }
    })
  }

  /**
   * @param known the version that the page has
   * @throws UserError where there is no such study
   */
  detail(name: string, stoppable: boolean, known = ''): StudyDetail | StudyStanding {
    const { study, followed } = this.#read(name)
    const { inode, size, changed } = followed
    const version = `${inode}-${size}`
    const line = this.#line(name, study)
    if (known === version) return { version, running: line.running, stoppable }
    const [file, reached] = known.split('-').map(Number)
    // Another file, or one that was cut: the page begins anew.
    const whole = file !== inode || reached === undefined || !(reached <= size)
    const trials = whole ? study.trials : study.trials.filter(({ id }) => (changed[id] ?? 0) > reached)
    const front = paretoFront(study.trials, study.directions).map(({ number }) => number)
    const space = (study.systemAttributes['ddlf:space'] ??
      Object.assign({}, ...study.trials.map(({ distributions }) => distributions))) as Space
    const { trouble } = study.userAttributes
    return {
      ...line,
      space,
      trials: trials.map(trialLine),
      whole,
      front,
      stoppable,
      trouble: typeof trouble === 'string' && trouble !== '' ? trouble : null,
      version,
    }
  }

  #line(name: string, study: StoredStudy): StudyLine {
    const tuning = study.userAttributes['tuning'] as
      { experiment?: string; objectives?: readonly string[]; metrics?: readonly Metric[] } | undefined
    const counts: Partial<Record<TrialState, number>> = {}
    for (const { state } of study.trials) counts[state] = (counts[state] ?? 0) + 1
    const nameOf = (i: number) => (i === 0 ? 'value' : `value ${i}`)
    const objectives = tuning?.objectives ?? study.directions.map((_, i) => nameOf(i))
    const [best] = study.directions.length > 1 ? [] : paretoFront(study.trials, study.directions)
    return {
      name,
      experiment: tuning?.experiment ?? null,
      directions: study.directions,
      counts,
      best: best?.values ?? null,
      objectives,
      metrics: tuning?.metrics ?? objectives.map(one => metricOf([], one)),
      running: runLockOwner(path.join(this.#root, name)) !== undefined,
    }
  }

  #read(name: string): { readonly study: StoredStudy; readonly followed: Followed } {
    const file = path.join(studyFolder(this.#root, name), JOURNAL_FILE)
    const status = fs.statSync(file, { throwIfNoEntry: false })
    if (!status)
      throw new UserError({ rule: 'There is no study of this name.', received: name, next: 'See the list of studies.' })
    let followed = this.#followed.get(name)
    // Opened anew by a writer, or replaced.
    if (followed?.inode !== status.ino || status.size < followed.size) followed = begun(status.ino)
    this.#followed.set(name, followed)
    if (followed.failed?.size === status.size) throw followed.failed.error
    if (followed.failed) {
      followed = begun(status.ino)
      this.#followed.set(name, followed)
    }
    if (status.size > followed.size) {
      const bytes = Buffer.alloc(status.size - followed.size)
      const descriptor = explained(file, () => openToRead(file))
      try {
        fs.readSync(descriptor, bytes, 0, bytes.length, followed.size)
      } finally {
        fs.closeSync(descriptor)
      }
      const lines = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1)
      // All lines are read before the first is applied: none is applied twice.
      try {
        follow(followed, parseLines(lines, file), followed.size + lines.length)
      } catch (error) {
        const failure = unreadable(error, file)
        this.#followed.set(name, { ...begun(status.ino), failed: { error: failure, size: status.size } })
        throw failure
      }
      followed.size += lines.length
    }
    const study = followed.replay.find(name) ?? [...followed.replay.studies.values()][0]
    if (!study)
      throw new UserError({
        rule: 'The journal holds no study.',
        received: name,
        next: 'Was it cut? Restore it from a copy.',
      })
    return { study, followed }
  }
}
