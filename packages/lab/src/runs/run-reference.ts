// Which run a text means. Every command resolves references here; what is no run of the root is refused, never guessed.
import fs from 'node:fs'
import path from 'node:path'
import { nearestName, UserError } from '@ddlf/tensor/errors'
import { ddlfCommand } from '../command-text.ts'
import { readRunRecord } from './run-folder.ts'
import { isRunName, nameOfRun, realPath, runPlace, runPlaces, trashFolder, type RunFolder } from './run-place.ts'
import { runsWords } from './runs-words.ts'

const FORM = 'This cannot be the name of a run: <experiment>/<id>, a piece of an id, latest, or the path of its folder.'

/** Names the newest run, of all or of an experiment (`<experiment>/latest`). */
const LATEST = 'latest'

/**
 * The place that a path names, relative to the working directory or the root: `<root>/<experiment>/<id>` and nothing
 * else.
 */
function placeAt(root: string, reference: string): RunFolder | undefined {
  // A path that ends in `.` or `..`, or in nothing, is what an unset variable leaves: it never means a run.
  if (['', '.', '..'].includes(path.basename(reference))) return undefined
  for (const folder of [path.resolve(reference), path.resolve(root, reference)]) {
    const parent = path.dirname(folder)
    const place = runPlace(root, path.basename(parent), path.basename(folder))
    if (place && realPath(path.dirname(parent)) === realPath(root)) return place
  }
  return undefined
}

/** What is said of a reference that means nothing. */
type Absent = (root: string, reference: string, places: readonly RunFolder[]) => UserError

const noSuchRun: Absent = (root, reference, places) => {
  const near = nearestName(reference, places.slice(0, 1000).flatMap(place => [place.id, nameOfRun(place)]))
  const removed = runPlaces(trashFolder(root)).find(place => reference === place.id || reference === nameOfRun(place))
  const next = removed
    ? `It was removed; bring it back with: ${ddlfCommand('runs', 'restore', nameOfRun(removed), ...runsWords(root))}`
    : fs.existsSync(path.join(reference, 'run.json'))
      ? 'For a run of another folder add --runs <the folder that holds its experiment>.'
      : near === undefined
        ? `See which runs there are: ${ddlfCommand('runs', ...runsWords(root))}`
        : `Did you mean ${near}?`
  return new UserError({ rule: 'There is no such run.', received: `${reference} in ${path.resolve(root)}`, next })
}

/** When a run was created, by its record; before all others where that cannot be read. */
function createdAt(place: RunFolder): string {
  try {
    return readRunRecord(place).createdAt
  } catch (error) {
    if (error instanceof UserError) return ''
    throw error
  }
}

/** What the id of a run begins with: the second of its creation. */
const DATED = /^\d{8}-\d{6}(?=-)/

/** The newest of some places. Ids tell the second; within one, the records tell. Other names tell nothing. */
function newest(places: readonly RunFolder[]): RunFolder | undefined {
  const second = (place: RunFolder) => DATED.exec(place.id)?.[0] ?? ''
  const last = places.map(second).sort().at(-1)
  const candidates = places.filter(place => second(place) === last)
  if (candidates.length < 2) return candidates[0]
  return candidates
    .map(place => ({ place, at: createdAt(place) }))
    .sort((a, b) => (a.at < b.at ? 1 : -1))[0]?.place
}

/**
 * The place that a name means: `<experiment>/<id>`, an id, `latest`, or an unambiguous piece of an id, a beginning
 * before others.
 */
function placeNamed(root: string, reference: string, absent: Absent): RunFolder {
  const parts = reference.split('/')
  const [id = '', experiment] = parts.toReversed()
  if (parts.length > 2 || !parts.every(isRunName)) {
    if (parts.length > 1 && fs.existsSync(path.join(reference, 'run.json'))) throw absent(root, reference, [])
    if (absent !== noSuchRun) throw absent(root, reference, [])
    throw new UserError({
      rule: FORM,
      received: reference === '' ? 'an empty text' : reference,
      next: `See which runs there are: ${ddlfCommand('runs', ...runsWords(root))}`,
    })
  }
  const places = runPlaces(root, experiment)
  const last = id === LATEST ? newest(places) : undefined
  if (last) return last
  const [matches = []] = [
    places.filter(place => place.id === id),
    places.filter(place => place.id.startsWith(id)),
    places.filter(place => place.id.includes(id)),
  ].filter(some => some.length > 0)
  const [match, second] = matches
  if (match && !second) return match
  if (!second) throw absent(root, reference, places)
  const shown = matches.length > 6 ? 5 : matches.length
  const more = shown < matches.length ? ` and ${matches.length - shown} more` : ''
  const some = `${matches.slice(0, shown).map(nameOfRun).join(', ')}${more}`
  throw new UserError({
    rule: 'This fits more than one run.',
    received: `${reference}, which fits ${matches.length}: ${some}`,
    next: 'Give more of the id.',
  })
}

/**
 * The place of a run, whatever its record says and whether or not it can be read.
 * @param reference as for {@link openRun} @param absent says that there is none
 * @throws UserError where there is none, or several
 */
export const findRunPlace = (root: string, reference: string, absent: Absent = noSuchRun): RunFolder =>
  // No path holds a zero character, and Node refuses to look for one.
  (reference.includes('\0') ? undefined : placeAt(root, reference)) ?? placeNamed(root, reference, absent)

/** The place of a run whose record is one, and names this experiment and id. */
function withOwnRecord(run: RunFolder): RunFolder {
  const { experiment, id } = readRunRecord(run)
  if (experiment === run.experiment && id === run.id) return run
  throw new UserError({
    rule: 'The record of the run names another folder.',
    received: `${run.folder} with a record of ${experiment}/${id}`,
    next: 'Give the folder its own name back, or look whether it is a copy of that run.',
  })
}

/**
 * Finds a run by `<experiment>/<id>`, by id, by an unambiguous piece of an id, as `latest`, or by the path of its
 * folder, which must be `<root>/<experiment>/<id>`. The run's record must be one, and name this experiment and id.
 * @throws UserError where there is none (with the nearest name), or several, or the record is another run's
 */
export const openRun = (root: string, reference: string): RunFolder => withOwnRecord(findRunPlace(root, reference))

/**
 * Finds a run to be moved: as {@link openRun}, but named in full, `<experiment>/<id>`, also one whose record cannot be
 * read or is another's. Such a folder must hold a `run.json`, or the `checkpoints` of a run that has lost it.
 * @param absent says that there is none
 * @throws UserError where there is none, or several, or a run with a damaged record is not named in full
 */
export function openRunToMove(root: string, reference: string, absent?: Absent): RunFolder {
  const run = findRunPlace(root, reference, absent)
  try {
    return withOwnRecord(run)
  } catch (error) {
    const holds = (name: string) => fs.lstatSync(path.join(run.folder, name), { throwIfNoEntry: false })
    const isRun = holds('run.json')?.isFile() === true || holds('checkpoints')?.isDirectory() === true
    if (!(error instanceof UserError) || !isRun) throw error
    if (reference === nameOfRun(run)) return run
    const { rule, received } = error.parts
    throw new UserError({
      rule,
      ...(received !== undefined && { received }),
      next: `To move it nevertheless, name it in full: ${nameOfRun(run)}`,
    }, { cause: error })
  }
}
