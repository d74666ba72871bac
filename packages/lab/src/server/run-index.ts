// The runs on disk as the lab lists them: each run's record is read once and again only when its file has changed.
import fs from 'node:fs'
import path from 'node:path'
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  currentStatus,
  nameOfRun,
  readRunRecord,
  readRunSummary,
  runPaths,
  runPlace,
  runPlaces,
  type RunFolder,
  type RunListing,
} from '../runs/node.ts'
import { readRunNotes, runNotesFile, type RunNotes } from '../runs/run-notes.ts'

/** A finished run changes only when it is taken up again, which may be seen this much later. */
const TRUST_MILLISECONDS = 10_000

/** Runs that are read before others are answered. */
const AT_ONCE = 16

/** A run with what people wrote beside it. */
export interface IndexedRun extends RunListing {
  readonly notes: RunNotes
}

interface Kept {
  readonly changed: string
  readonly checkedAt: number
  readonly listing: Omit<IndexedRun, 'status'>
}

const changeOf = (file: string): string => {
  const status = fs.lstatSync(file, { throwIfNoEntry: false })
  return status ? `${status.mtimeMs} ${status.size}` : '-'
}

/** An index over the folder that holds all runs. */
export class RunIndex {
  readonly #root: string
  readonly #kept = new Map<string, Kept>()

  constructor(root: string) {
    this.#root = path.resolve(root)
  }

  /** @throws UserError for a name that is none, or a run that does not exist inside the runs folder */
  find(experiment: string, id: string): RunFolder {
    const place = runPlace(this.#root, experiment, id)
    if (place && fs.existsSync(runPaths(place).record)) return place
    const near = nearestName(`${experiment}/${id}`, this.places().map(nameOfRun))
    throw new UserError({
      rule: 'There is no such run.',
      received: `${experiment}/${id}`,
      ...(near !== undefined && { next: `Did you mean ${near}?` }),
    })
  }

  /** One run as it stands now. @throws UserError where its record cannot be read */
  read(run: RunFolder): IndexedRun {
    return this.#read(run, false)
  }

  #read(run: RunFolder, trusting: boolean): IndexedRun {
    const trusted = trusting ? this.#kept.get(run.folder) : undefined
    if (trusted?.listing.record.status === 'completed' && performance.now() - trusted.checkedAt < TRUST_MILLISECONDS)
      return { ...trusted.listing, status: 'completed' }
    const { record: recordFile, summary: summaryFile } = runPaths(run)
    const changed = `${changeOf(recordFile)} ${changeOf(summaryFile)} ${changeOf(runNotesFile(run))}`
    let kept = this.#kept.get(run.folder)
    kept = {
      changed,
      checkedAt: performance.now(),
      listing:
        kept?.changed === changed
          ? kept.listing
          : { ...run, record: readRunRecord(run), summary: readRunSummary(run), notes: readRunNotes(run) },
    }
    this.#kept.set(run.folder, kept)
    return { ...kept.listing, status: currentStatus(run, kept.listing.record) }
  }

  /** Reads a run anew when it is asked for next. */
  forget(run: RunFolder): void {
    this.#kept.delete(run.folder)
  }

  /** The places of all runs, newest first, read from the names of their folders alone. */
  places(experiment?: string): RunFolder[] {
    return runPlaces(this.#root, experiment)
  }

  /**
   * The runs at many places, as {@link list} gives them: others are answered between every few that are read, since
   * records of thousands of runs take seconds.
   */
  async listMany(places: readonly RunFolder[]): Promise<IndexedRun[]> {
    const runs: IndexedRun[] = []
    for (let from = 0; from < places.length; from += AT_ONCE) {
      runs.push(...this.list(places.slice(from, from + AT_ONCE)))
      await new Promise(resolve => setImmediate(resolve))
    }
    return runs
  }

  /** The runs at some places; runs that cannot be read are left out. */
  list(places: readonly RunFolder[]): IndexedRun[] {
    return places.flatMap(place => {
      try {
        return [this.#read(place, true)]
      } catch (error) {
        if (error instanceof UserError) return []
        throw error
      }
    })
  }
}
