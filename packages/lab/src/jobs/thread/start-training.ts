// Starts a training in a thread of its own, so that the thread that renders stays free, and hands over its events.
import '@ddlf/tensor/no-telemetry'
import { checkOptions } from '@ddlf/tensor/errors'
import { startWorker } from '@ddlf/data/node'
import { trainingEvents, type Training } from '../training-events.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from '../training-job.ts'

/** Starts a training in a worker thread. Mistakes arrive as a `failed` event. */
export function startTraining(job: TrainingJob): Training {
  checkOptions('startTraining', job, ['experimentsModule', 'root', 'task', 'threads', 'keepLast'])
  const worker = startWorker(new URL('./training-worker.ts', import.meta.url), {
    workerData: job,
    name: 'ddlf training',
  })
  const { events, folder, receive, fail, end } = trainingEvents()
  worker.on('message', (message: FromTrainer) => receive(message))
  worker.on('error', fail)
  worker.on('exit', code => {
    fail(new Error(`The training thread ended with code ${code}.`))
    end()
  })
  return { folder, events, stop: () => worker.postMessage({ kind: 'stop' } satisfies ToTrainer) }
}
