// The process that trains for a lab.
import { runTrainingJob } from '../run-training-job.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from '../training-job.ts'
import { beginChild, endChild } from './within-child.ts'

const stop = new AbortController()
beginChild(() => stop.abort())

/** Resolves when the message is on its way; a parent that has gone hears nothing more. */
const post = (message: FromTrainer) => new Promise<void>(resolve => {
  if (process.connected) process.send?.(message, () => resolve())
  else resolve()
})

let last: Promise<void> = Promise.resolve()
process.on('message', (message: ToTrainer | { readonly kind: 'job'; readonly job: TrainingJob }) => {
  if (message.kind === 'stop') {
    stop.abort()
    return
  }
  void runTrainingJob(message.job, event => { last = post(event) }, stop.signal).then(() => last).then(endChild)
})
