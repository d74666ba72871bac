// The trainings that the lab itself started: each in a thread of its own, stopped and resumed on request.
import { UserError } from '@ddlf/tensor/errors'
import path from 'node:path'
import { startTraining, type Training } from '../train/node/start-training.ts'
import type { TrainingJob } from '../train/node/training-messages.ts'

/** Trainings at once: each uses all processors. */
const MOST_AT_ONCE = 2

/** Starts and stops trainings. */
export class Trainings {
  readonly #root: string
  readonly #experimentsModule: string
  readonly #running = new Map<string, Training>()
  #starting = 0

  constructor(root: string, experimentsModule: string) {
    this.#root = root
    this.#experimentsModule = experimentsModule
  }

  /**
   * Starts a training and waits until its run exists.
   * @returns `<experiment>/<id>`
   * @throws UserError when too many run already, or the training could not start
   */
  async start(task: TrainingJob['task']): Promise<string> {
    if (this.#running.size + this.#starting >= MOST_AT_ONCE) {
      throw new UserError({ rule: `At most ${MOST_AT_ONCE} trainings run at once.`, received: 'one more', next: 'Stop one, or wait for it.' })
    }
    this.#starting++
    try {
      const training = startTraining({ experimentsModule: this.#experimentsModule, root: this.#root, task })
      let failure: UserError | undefined
      const done = (async () => {
        for await (const event of training.events) {
          if (event.kind === 'failed') failure = new UserError(event.parts ?? { rule: event.message })
        }
      })()
      const folder = await training.folder
      if (folder === undefined) {
        await done
        throw failure ?? new UserError({ rule: 'The training did not start.', received: 'nothing' })
      }
      const name = `${path.basename(path.dirname(folder))}/${path.basename(folder)}`
      this.#running.set(name, training)
      void done.then(() => this.#running.delete(name))
      return name
    } finally {
      this.#starting--
    }
  }

  /** Whether the lab itself trains this run. */
  has(name: string): boolean {
    return this.#running.has(name)
  }

  /** Asks a training to save a checkpoint and stop. @throws UserError where the lab does not train it */
  stop(name: string): void {
    const training = this.#running.get(name)
    if (!training) throw new UserError({ rule: 'The lab has not started this training.', received: name, next: 'Press Ctrl-C in the terminal that trains it.' })
    training.stop()
  }

  stopAll(): void {
    for (const training of this.#running.values()) training.stop()
  }
}
