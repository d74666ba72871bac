// Checks a learner's file in a thread of its own, with a time limit, and explains what became of it.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Exercise, Topic } from '@ddlf/course'
import { startWorker } from '@ddlf/data/node'
import { topicFolder } from '../course-folders.ts'

/** What the thread is given. */
export interface CheckJob {
  /** Address of the learner's file. */
  readonly file: string
  /** Address of the module with the topic's exercises. */
  readonly exercises: string
  readonly name: string
  /** What each message is signed with. The thread takes it before the learner's code begins, and leaves it nowhere. */
  readonly signature: string
}

/** Why a file is not right yet. */
export interface WrongAnswer {
  readonly because: string
  readonly details: string
}

/** What the thread says. `ready`: the learner's code runs from here on. */
export type CheckMessage =
  { readonly kind: 'ready' } | { readonly kind: 'right' } | ({ readonly kind: 'wrong' } & WrongAnswer)

/** A message as it is sent. The learner's code can send messages, too, and those do not count. */
export type SignedMessage = CheckMessage & Pick<CheckJob, 'signature'>

/** The code with which Node ends where an await at the top has nothing left to wait for. */
const UNSETTLED = 13
/** Megabytes for the objects of a learner's code. */
const MEMORY = 512

/**
 * Checks a file against its exercise.
 * @param options.seconds how long the learner's code may run; default 10
 * @returns undefined where it is right
 */
export function checkFile(
  file: string,
  topic: Pick<Topic, 'slug'>,
  { name }: Pick<Exercise, 'name'>,
  { seconds = 10 }: { readonly seconds?: number } = {},
): Promise<WrongAnswer | undefined> {
  const list = join(topicFolder(topic), 'exercises', 'exercises')
  const workerData: CheckJob = {
    file: pathToFileURL(file).href,
    // An installed course is JavaScript.
    exercises: pathToFileURL(existsSync(`${list}.ts`) ? `${list}.ts` : `${list}.js`).href,
    name,
    signature: randomUUID(),
  }
  const worker = startWorker(new URL('./check-worker.ts', import.meta.url), {
    workerData,
    name: 'ddlf exercise',
    resourceLimits: { maxOldGenerationSizeMb: MEMORY },
  })
  return new Promise<WrongAnswer | undefined>((resolve, reject) => {
    let ready = false
    let timer: NodeJS.Timeout | undefined
    worker.on('message', (message: SignedMessage | null | undefined) => {
      if (message?.signature !== workerData.signature) return
      if (message.kind === 'right') resolve(undefined)
      else if (message.kind === 'wrong') resolve({ because: message.because, details: message.details })
      else {
        ready = true
        timer = setTimeout(
          () =>
            resolve({
              because: `The file did not come to an end in ${seconds} s.`,
              details: '  Is there a loop whose condition stays true, or a function that calls itself for ever?',
            }),
          seconds * 1000,
        )
      }
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        resolve({
          because: `The file took more than ${MEMORY} MB of memory.`,
          details: '  Is there a list that grows for ever?',
        })
      else reject(error)
    })
    worker.on('exit', code => {
      if (ready && code === UNSETTLED)
        resolve({
          because: 'The file waits for a promise that never settles.',
          details: '  Nothing calls resolve or reject of what its await at the top waits for.',
        })
      else if (ready)
        resolve({
          because: 'The file ends the program.',
          details: `  It calls process.exit(${code}); return a value, or throw an error, instead.`,
        })
      else reject(new Error(`The check of ${name} ended with ${code} before it began.`))
    })
    worker.on('exit', () => clearTimeout(timer))
  }).finally(() => worker.terminate())
}
