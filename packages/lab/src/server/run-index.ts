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

/** Runs that one look reads: where more were never read, the newest of them stand for all until the rest is read. */
const READ_FIRST = 200

/** Runs that have ended and are looked at again at one look, each time the next ones of all. */
const LOOKED_AT_AGAIN = 200

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
  /** Folders whose record was read, or could not be. */
  readonly #tried = new Set<string>()
  #reading: Promise<void> | undefined
  #nextToCheck = 0

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
    return this.#read(run, 'never')
  }

  /** @param trust until when what is known of a run that has ended is believed */
  #read(run: RunFolder, trust: 'never' | 'soon' | 'always'): IndexedRun {
    const trusted = trust === 'never' ? undefined : this.#kept.get(run.folder)
    const status = trusted?.listing.record.status
    const isFresh = status === 'completed' && performance.now() - (trusted?.checkedAt ?? 0) < TRUST_MILLISECONDS
    if (trusted && status !== undefined && status !== 'running' && (isFresh || trust === 'always'))
      return { ...trusted.listing, status }
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
   * The places whose runs can be listed at once: all of them, or while very many were never read, those that were and
   * the newest others; the rest is read meanwhile.
   */
  readSoFar(places: readonly RunFolder[]): readonly RunFolder[] {
    const unread = places.filter(({ folder }) => !this.#tried.has(folder))
    if (unread.length <= 2 * READ_FIRST) return places
    this.#reading ??= this.#readInTurns(unread).finally(() => {
      this.#reading = undefined
    })
    const now = new Set(unread.slice(0, READ_FIRST))
    return places.filter(place => this.#tried.has(place.folder) || now.has(place))
  }

  async #readInTurns(places: readonly RunFolder[]): Promise<void> {
    for (let from = 0; from < places.length; from += AT_ONCE) {
      this.#list(places.slice(from, from + AT_ONCE), () => 'always')
      await new Promise(resolve => setImmediate(resolve))
    }
  }

  /**
   * The runs at many places: others are answered between every few that are read, since records of thousands of runs
   * take seconds. Of runs that have ended, each call looks at the files of the next few again.
   */
  async listMany(places: readonly RunFolder[]): Promise<IndexedRun[]> {
    const first = this.#nextToCheck % Math.max(1, places.length)
    this.#nextToCheck = first + LOOKED_AT_AGAIN
    const isDue = (i: number) => (i - first + places.length) % places.length < LOOKED_AT_AGAIN
    const runs: IndexedRun[] = []
    for (let from = 0; from < places.length; from += AT_ONCE) {
      runs.push(...this.#list(places.slice(from, from + AT_ONCE), i => (isDue(from + i) ? 'soon' : 'always')))
      await new Promise(resolve => setImmediate(resolve))
    }
    return runs
  }

  /** The runs at some places as they stand now; runs that cannot be read are left out. */
  list(places: readonly RunFolder[]): IndexedRun[] {
    return this.#list(places, () => 'soon')
  }

  #list(places: readonly RunFolder[], trustOf: (index: number) => 'soon' | 'always'): IndexedRun[] {
    return places.flatMap((place, i) => {
      this.#tried.add(place.folder)
      try {
        return [this.#read(place, trustOf(i))]
      } catch (error) {
        if (error instanceof UserError) return []
        throw error
      }
    })
  }
}
