// The trainings that the lab itself started: each in a process of its own, stopped and resumed on request.
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import type { ExecutedTraining, Executor } from '../jobs/executor.ts'
import type { TrainingJob } from '../jobs/training-job.ts'
import type { ExperimentModules } from '../experiment/experiment-modules.ts'

/** Trainings at once: each uses all processors. */
const MOST_AT_ONCE = 2

/** Starts and stops trainings. */
export class Trainings {
  readonly #root: string
  readonly #experimentsModule: ExperimentModules
  readonly #executor: Executor
  readonly #running = new Map<string, ExecutedTraining>()
  #closed = false

  constructor(root: string, experimentsModule: ExperimentModules, executor: Executor) {
    this.#root = root
    this.#experimentsModule = experimentsModule
    this.#executor = executor
  }

  /**
   * Starts a training and waits until its run exists.
   * @returns `<experiment>/<id>`
   * @throws UserError when too many run already, or the training could not start
   */
  async start(task: TrainingJob['task']): Promise<string> {
    if (this.#closed)
      throw new UserError({
        rule: 'The lab is closing.',
        received: 'a training to start',
        next: 'Start the lab again: npm run ddlf -- lab',
      })
    if (this.#executor.running >= MOST_AT_ONCE) {
      throw new UserError({
        rule: `At most ${MOST_AT_ONCE} trainings run at once.`,
        received: 'one more',
        next: 'Stop one, or wait for it.',
      })
    }
    const training = this.#executor.start({ experimentsModule: this.#experimentsModule, root: this.#root, task })
    let failure: UserError | undefined
    const heard = (async () => {
      for await (const event of training.events) {
        if (event.kind === 'failed') failure = new UserError(event.parts ?? { rule: event.message })
      }
    })()
    const folder = await training.folder
    if (folder === undefined) {
      await heard
      throw failure ?? new UserError({ rule: 'The training did not start.', received: 'nothing' })
    }
    const name = `${path.basename(path.dirname(folder))}/${path.basename(folder)}`
    this.#running.set(name, training)
    void training.ended.then(() => this.#running.delete(name))
    return name
  }

  /** How many trainings are under way. */
  get running(): number {
    return this.#executor.running
  }

  /** Whether the lab itself trains this run. */
  has(name: string): boolean {
    return this.#running.has(name)
  }

  /** Asks a training to save a checkpoint and stop. @throws UserError where the lab does not train it */
  stop(name: string): void {
    const training = this.#running.get(name)
    if (!training)
      throw new UserError({
        rule: 'The lab has not started this training.',
        received: name,
        next: 'Press Ctrl-C in the terminal that trains it.',
      })
    training.stop()
  }

  /** Stops all at a checkpoint; resolves when nothing trains any more. */
  close(): Promise<void> {
    this.#closed = true
    return this.#executor.close()
  }
}
