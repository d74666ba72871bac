// Where runs lie: <root>/<experiment>/<id>, real folders with plain names. What is a link, or named otherwise, is no
// run.
import fs from 'node:fs'
import path from 'node:path'
import { errorCode, explainFileError } from './atomic-file.ts'

/** A run's place. */
export interface RunFolder {
  readonly experiment: string
  readonly id: string
  /** The absolute path of `runs/<experiment>/<id>`. */
  readonly folder: string
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** Whether a text can name an experiment or a run: never a path, a hidden file, `.` or `..`. */
export const isRunName = (name: string): boolean => NAME.test(name)

/** The plain name of a run, `<experiment>/<id>`. */
export const nameOfRun = ({ experiment, id }: Pick<RunFolder, 'experiment' | 'id'>): string => `${experiment}/${id}`

/** The folder of the removed runs; its name is none that an experiment can have, so no list of runs shows it. */
export const trashFolder = (root: string): string => path.join(path.resolve(root), '.trash')

/** The path without links; undefined where there is nothing. */
export function realPath(file: string): string | undefined {
  try {
    return fs.realpathSync(file)
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '')) return undefined
    throw explainFileError(error, file)
  }
}

const namesIn = (folder: string): string[] => {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true })
    return entries.filter(entry => entry.isDirectory() && isRunName(entry.name)).map(entry => entry.name)
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return []
    throw explainFileError(error, folder)
  }
}

/** The places of all runs, or of those of one experiment, newest first, read from the names alone. */
export function runPlaces(root: string, experiment?: string): RunFolder[] {
  const experiments = namesIn(root).filter(name => experiment === undefined || name === experiment)
  const places = experiments.flatMap(name => {
    const parent = path.resolve(root, name)
    return namesIn(parent).map(id => ({ experiment: name, id, folder: path.join(parent, id) }))
  })
  return places.sort((a, b) => (a.id < b.id ? 1 : a.id > b.id ? -1 : a.experiment < b.experiment ? -1 : 1))
}

/** The place `<root>/<experiment>/<id>`; undefined where there is no such folder, or a link leads elsewhere. */
export function runPlace(root: string, experiment: string, id: string): RunFolder | undefined {
  if (!isRunName(experiment) || !isRunName(id)) return undefined
  const folder = path.resolve(root, experiment, id)
  // The root itself may be a link: where the runs lie is the user's choice.
  const above = realPath(root)
  if (above === undefined || realPath(folder) !== path.join(above, experiment, id)) return undefined
  return fs.lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? { experiment, id, folder } : undefined
}
