// The pictures that a model answers with, beside those that it was asked about, as one file.
import path from 'node:path'
import { answersOfTask, inputOf, pictureSheet, type MadePictures, type PreparedInput } from '@ddlf/lab'
import { openOutput, runPaths, writeRunFile, type TrainedRun } from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'

/** Where the file lies, and how else answers were asked for. */
export interface SheetOptions {
  readonly out?: string
  readonly force?: boolean
  readonly csv?: boolean
}

const sizeOf = ({ shape }: MadePictures) => shape.reduce((product, extent) => product * extent, 1)

/** Collects pictures in pairs: what was read, and what the model makes of it. */
export class AnswerSheet {
  readonly #pairs: MadePictures[] = []
  readonly #shape: MadePictures['shape']
  readonly #save: (bytes: Uint8Array) => void
  readonly #file: string

  private constructor(file: string, shape: MadePictures['shape'], save: (bytes: Uint8Array) => void) {
    this.#file = file
    this.#shape = shape
    this.#save = save
  }

  /**
   * Where the answers of a run are pictures; undefined where they are none. The place is looked at before any is made.
   * @throws UserError where the model is not asked about things, or the options are for other answers
   */
  static of(trained: TrainedRun, { out, force = false, csv = false }: SheetOptions): AnswerSheet | undefined {
    const { experiment, settings, run } = trained
    answersOfTask(experiment)
    if (experiment.task.views?.answersInPictures !== true) {
      if (out === undefined) return undefined
      throw new UserError({
        rule: '--out is for a model that answers with pictures.',
        received: `--out, and ${trained.name}, whose task is ${experiment.task.name}`,
        next: 'Leave it out; --csv and --json print the answers.',
      })
    }
    if (csv) {
      throw new UserError({
        rule: '--csv prints classes and numbers.',
        received: `--csv, and ${trained.name}, which answers with pictures`,
        next: 'Name their file with --out.',
      })
    }
    const [channels = 1, height = 0, width = 0] = inputOf(experiment, settings).shape
    const shape = [channels, height, width] as const
    if (out !== undefined) return new AnswerSheet(out, shape, openOutput(out, { force, example: 'restored.png' }))
    const file = path.join(runPaths(run).artifacts, 'predicted.png')
    return new AnswerSheet(file, shape, bytes => { writeRunFile(run, 'artifacts/predicted.png', bytes) })
  }

  /** The file as a person names it. */
  get shownFile(): string {
    return path.relative('', this.#file) || this.#file
  }

  /** Adds a row. @returns its number, from 1 */
  add({ data }: PreparedInput, said: MadePictures): number {
    this.#pairs.push({ data: Float32Array.from(data, value => value / 255), shape: this.#shape }, said)
    return this.#pairs.length / 2
  }

  /** Writes the file. @returns its path */
  write(): string {
    const [first] = this.#pairs
    if (!first) return this.#file
    const data = new Float32Array(this.#pairs.length * sizeOf(first))
    this.#pairs.forEach((one, i) => { data.set(one.data, i * sizeOf(first)) })
    this.#save(pictureSheet({ data, shape: first.shape }, { columns: 2 }))
    return this.#file
  }
}
