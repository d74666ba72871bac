// The trash beside the runs: removing is a rename, which can be taken back until the trash is emptied.
import fs from 'node:fs'
import path from 'node:path'
import { ddlfCommand } from '../command-text.ts'
import { nearestName, UserError } from '@ddlf/tensor/errors'
import {
  errorCode,
  explained,
  nodeFiles,
  quietly,
  isTemporaryName,
  temporaryName,
  type FileOperations,
} from './atomic-file.ts'
import { readRunRecord } from './run-folder.ts'
import { runLockOwner } from './run-lock.ts'
import { nameOfRun, runPlace, runPlaces, trashFolder, type RunFolder } from './run-place.ts'
import { openRunToMove } from './run-reference.ts'
import { runsWords } from './runs-words.ts'

/** Makes a folder where there is none. @throws UserError where a link or a file is in its place */
function ownFolder(folder: string, files: FileOperations): string {
  explained(folder, () => files.makeFolder(folder))
  if (fs.lstatSync(folder).isDirectory()) return folder
  throw new UserError({
    rule: 'The trash is a folder beside the runs.',
    received: `${folder}, which is a link`,
    next: 'Remove the link.',
  })
}

function refuseHeld(run: RunFolder): void {
  if (runLockOwner(run.folder) === undefined) return
  throw new UserError({
    rule: 'The run is being worked on and cannot be removed.',
    received: run.folder,
    next: 'Stop it first.',
  })
}

/** Moves a run in one step. @throws UserError where there is one of its name already */
function move(run: RunFolder, target: string, taken: UserError, files: FileOperations): void {
  // An empty folder would be replaced by the rename; nothing that is there is.
  if (fs.lstatSync(target, { throwIfNoEntry: false })) throw taken
  explained(run.folder, () => {
    try {
      files.rename(run.folder, target)
    } catch (error) {
      if (['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw taken
      throw error
    }
  })
}

/** Moves a run into the trash, under the name that is chosen in the trash's folder of its experiment. */
function moveToTrash(run: RunFolder, choose: (parent: string) => string, files: FileOperations): RunFolder {
  refuseHeld(run)
  const root = path.dirname(path.dirname(run.folder))
  const parent = ownFolder(path.join(ownFolder(trashFolder(root), files), run.experiment), files)
  const id = choose(parent)
  const removed = { ...run, id, folder: path.join(parent, id) }
  const taken = new UserError({
    rule: 'The trash holds a run of this name already.',
    received: removed.folder,
    next: `Empty the trash first: ${ddlfCommand('rm', '--empty-trash')}`,
  })
  move(run, removed.folder, taken, files)
  try {
    // A process that took the run up while it was being moved keeps it.
    refuseHeld(removed)
  } catch (error) {
    files.rename(removed.folder, run.folder)
    throw error
  }
  return removed
}

/**
 * Moves a run to the trash in one step: a kill leaves it here or there, whole.
 * @param run a place that {@link openRunToMove} found
 * @returns the run's place in the trash
 * @throws UserError where a process works on it, or the folder is not writable
 */
export const removeRun = (run: RunFolder, files: FileOperations = nodeFiles): RunFolder =>
  moveToTrash(run, () => run.id, files)

/**
 * Moves to the trash what a newer copy of the same run takes the place of. The trash may hold earlier copies: where the
 * run's name is taken there, it gets `.1`, `.2` and so on.
 * @throws UserError where a process works on it, it is no real folder of the root, or the folder is not writable
 */
export function replaceRun(root: string, { experiment, id }: RunFolder, files: FileOperations = nodeFiles): RunFolder {
  const run = runPlace(root, experiment, id)
  if (!run)
    throw new UserError({
      rule: 'In the place of the run lies what is no run.',
      received: path.resolve(root, experiment, id),
      next: 'Move it away.',
    })
  const names = (parent: string) => {
    for (let count = 0; ; count++) {
      const name = count === 0 ? id : `${id}.${count}`
      if (!fs.lstatSync(path.join(parent, name), { throwIfNoEntry: false })) return name
    }
  }
  return moveToTrash(run, names, files)
}

/** The runs in the trash, newest first. */
export const removedRuns = (root: string): RunFolder[] => runPlaces(trashFolder(root))

/** What the record of a removed run names; undefined where it cannot be read. */
function recordedName(removed: RunFolder): Pick<RunFolder, 'experiment' | 'id'> | undefined {
  try {
    return readRunRecord(removed)
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

/** The id of a run, without the number that a further copy of it has in the trash. */
const ownId = (removed: RunFolder): string => {
  const id = recordedName(removed)?.id
  return id !== undefined && COPY.exec(removed.id)?.[1] === id ? id : removed.id
}

/** `<id>.1`, `<id>.2`, ...: earlier copies of a run, see {@link replaceRun}. */
const COPY = /^(.+)\.[1-9]\d*$/

/** The copy of a run that a reference names in full; undefined for any other reference. */
function copyInTrash(root: string, reference: string): RunFolder | undefined {
  if (!COPY.test(reference)) return undefined
  const copies = removedRuns(root).filter(run => [run.id, nameOfRun(run)].includes(reference))
  const found = copies.filter(run => recordedName(run)?.experiment === run.experiment && ownId(run) !== run.id)
  return found.length === 1 ? found[0] : undefined
}

/** Says that a reference means no removed run. */
function notRemoved(root: string, reference: string): UserError {
  const removed = removedRuns(root)
  const near = nearestName(reference, removed.flatMap(place => [place.id, nameOfRun(place)]))
  const isEmpty = removed.length === 0
  return new UserError({
    rule: isEmpty ? 'The trash is empty: there is no such run to bring back.' : 'The trash holds no such run.',
    received: reference,
    next: isEmpty
      ? `See which runs there are: ${ddlfCommand('runs', ...runsWords(root))}`
      : `${near === undefined ? '' : `Did you mean ${near}? `}See what was removed: ` +
        ddlfCommand('runs', 'restore', ...runsWords(root)),
  })
}

/**
 * Brings a removed run back to its place.
 * @param reference as for {@link openRunToMove}
 * @throws UserError where the trash holds no such run, or its place is taken
 */
export function restoreRun(root: string, reference: string, files: FileOperations = nodeFiles): RunFolder {
  const absent = () => notRemoved(root, reference)
  const removed = copyInTrash(root, reference) ?? openRunToMove(trashFolder(root), reference, absent)
  const id = ownId(removed)
  const run = { ...removed, id, folder: path.resolve(root, removed.experiment, id) }
  ownFolder(path.dirname(run.folder), files)
  const taken = new UserError({
    rule: 'There is a run of this name already.',
    received: nameOfRun(run),
    next: 'Remove that one first, or leave this one in the trash.',
  })
  move(removed, run.folder, taken, files)
  quietly(() => fs.rmdirSync(path.dirname(removed.folder)))
  return run
}

/**
 * Removes what an emptying of the trash left that was killed: runs that had lost their name, and were to end then.
 * @returns how many
 */
export function sweepTrash(root: string, files: FileOperations = nodeFiles): number {
  const trash = trashFolder(root)
  const foldersIn = (folder: string) =>
    fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      ? explained(folder, () => fs.readdirSync(folder, { withFileTypes: true })).filter(entry => entry.isDirectory())
      : []
  let count = 0
  for (const { name: experiment } of foldersIn(trash)) {
    const parent = path.join(trash, experiment)
    for (const { name } of foldersIn(parent)) {
      if (!isTemporaryName(name)) continue
      const left = path.join(parent, name)
      explained(left, () => { files.remove(left) })
      count++
    }
    quietly(() => fs.rmdirSync(parent))
  }
  return count
}

/**
 * Ends the runs of the trash for good. What else lies there stays.
 * @param runs those of {@link removedRuns} that the user agreed to
 */
export function emptyTrash(runs: readonly RunFolder[], files: FileOperations = nodeFiles): void {
  for (const { folder } of runs) {
    const temporary = temporaryName(folder)
    explained(folder, () => {
      // It vanishes under its name first, so that a kill leaves no half of a run to bring back.
      files.rename(folder, temporary)
      files.remove(temporary)
    })
    // The folder of an experiment goes with its last run.
    quietly(() => fs.rmdirSync(path.dirname(folder)))
  }
}
