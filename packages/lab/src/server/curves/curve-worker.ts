// The thread that reads the logs, so that the one that answers never waits for them.
import os from 'node:os'
import { parentPort } from 'node:worker_threads'
import { failedEvent } from '../../train/events.ts'
import type { CurveQuestion, FromCurves, ToCurves } from './curve-questions.ts'
import { CurveReader } from './curve-reader.ts'

const { PRIORITY_BELOW_NORMAL } = os.constants.priority

/** On Linux a thread has a priority of its own: reading gives way to answering. Elsewhere only processes have one. */
function giveWay(): void {
  // Somebody may have given the whole lab less than that.
  if (process.platform === 'linux' && os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(0, PRIORITY_BELOW_NORMAL)
}

giveWay()
const post = (message: FromCurves) => parentPort?.postMessage(message)
const reader = new CurveReader(progress => post({ kind: 'progress', ...progress }))
const answerTo = (question: CurveQuestion) =>
  question.kind === 'series'
    ? reader.series(question.log, question.metric)
    : reader.news(question.log, question.cursors)

parentPort?.on('message', ({ id, question }: ToCurves) => {
  answerTo(question).then(
    value => post({ kind: 'answer', id, value }),
    (error: unknown) => post({ kind: 'failed', id, failure: failedEvent(error) }),
  )
})
