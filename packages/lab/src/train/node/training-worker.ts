// The thread that trains: loads the data, opens the run folder, and posts the loop's events.
import { parentPort, workerData } from 'node:worker_threads'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { createPrefetchingLoader } from '@ddlf/data/node'
import { findExperiment, parseSettings, type Experiment } from '../../experiment.ts'
import { openRun, readRunRecord, resumeRun, startRun } from '../../runs/node.ts'
import { failedEvent } from '../events.ts'
import { train } from '../train.ts'
import { withTeacher } from './teacher.ts'
import { loadTrainingData } from './training-data.ts'
import type { FromTrainer, TrainingJob } from './training-messages.ts'

const job = workerData as TrainingJob
const post = (message: FromTrainer) => parentPort?.postMessage(message)
const stop = new AbortController()
// The one message there is asks to stop.
parentPort?.on('message', () => stop.abort())

async function main(): Promise<void> {
  const { experiments } = (await import(job.experimentsModule)) as { experiments: readonly Experiment[] }
  const { task, root, keepLast } = job
  const record = task.kind === 'resume' ? readRunRecord(openRun(root, task.run)) : undefined
  const experiment = findExperiment(experiments, record ? record.experiment : (task as { experiment: string }).experiment)
  const given = parseSettings(experiment, record ? record.config : (task as { settings: Record<string, unknown> }).settings)
  const recorded = record && { recorded: record.data }
  const runtime = onnxNodeRuntime(job.threads === undefined ? {} : { threads: job.threads })
  const loaded = await loadTrainingData(experiment, given, { shared: true, ...recorded })
  const { train: trainData, test, settings, checksums } = await withTeacher(experiment, loaded, { root, runtime, ...recorded })
  const options = keepLast === undefined ? {} : { keepLast }
  const store = task.kind === 'resume'
    ? resumeRun({ root, run: task.run, ...options })
    : startRun({ root, experiment: experiment.name, config: settings, seed: settings.seed, command: task.command, data: checksums, ...options })
  post({ kind: 'folder', folder: store.folder })
  for await (const event of train({ experiment, settings, train: trainData, test, runtime, store, createLoader: createPrefetchingLoader, signal: stop.signal })) {
    post({ kind: 'event', event })
  }
}

main()
  .catch((error: unknown) => post({ kind: 'event', event: failedEvent(error) }))
  .finally(() => parentPort?.close())
