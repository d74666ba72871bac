// What a thread does that is asked questions: it answers them, and gives way to the one that serves.
import os from 'node:os'
import { parentPort } from 'node:worker_threads'
import { failedEvent } from '../train/events.ts'
import type { FromAsked, ToAsked } from './asked-thread.ts'

const { PRIORITY_BELOW_NORMAL } = os.constants.priority

/** On Linux a thread has a priority of its own: reading gives way to answering. Elsewhere only processes have one. */
function giveWay(): void {
  // Somebody may have given the whole lab less than that.
  if (process.platform === 'linux' && os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(0, PRIORITY_BELOW_NORMAL)
}

/**
 * Answers the questions of this thread.
 * @param answer what it throws reaches whoever asked
 */
export function answerQuestions(answer: (question: never) => unknown): void {
  giveWay()
  const post = (message: FromAsked<never>) => parentPort?.postMessage(message)
  parentPort?.on('message', ({ id, question }: ToAsked<never>) => {
    // What is thrown at once is a rejection too.
    void Promise.resolve(question).then(answer).then(
      value => post({ kind: 'answer', id, value }),
      (error: unknown) => post({ kind: 'failed', id, failure: failedEvent(error) }),
    )
  })
}

/** Says how far an answer has come. */
export const tellProgress = (progress: unknown): void =>
  parentPort?.postMessage({ kind: 'progress', progress } satisfies FromAsked<unknown>)
