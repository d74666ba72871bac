// The thread that trains.
import { parentPort, workerData } from 'node:worker_threads'
import { runTrainingJob } from '../run-training-job.ts'
import type { TrainingJob } from '../training-job.ts'

const stop = new AbortController()
// The one message there is asks to stop.
parentPort?.on('message', () => stop.abort())
await runTrainingJob(workerData as TrainingJob, message => parentPort?.postMessage(message), stop.signal)
parentPort?.close()
