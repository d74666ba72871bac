// A training from its job to its last event: loads the data, opens the run folder, and posts the loop's events.
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { createPrefetchingLoader } from '@ddlf/data/node'
import { findExperiment, parseSettings, recordedSettings, type Experiment } from '../experiment/experiment.ts'
import { assertUnchanged, openRun, provenance as findProvenance, readRunRecord, resumeRun, startRun } from '../runs/node.ts'
import { failedEvent, loadingEvents } from '../train/events.ts'
import { train } from '../train/train.ts'
import { movedSettings, placesOf } from '../data-source/node/moved-data.ts'
import { keepSplit } from '../data-source/node/recorded-split.ts'
import { withTeacher } from '../data-source/node/teacher.ts'
import { loadTrainingData } from '../data-source/node/training-data.ts'
import type { FromTrainer, TrainingJob } from './training-job.ts'

/** Hears what a training says; the training waits where it takes its time. */
type Post = (message: FromTrainer) => void | Promise<void>

async function run(job: TrainingJob, post: Post, signal: AbortSignal): Promise<void> {
  const { experiments } = (await import(job.experimentsModule)) as { experiments: readonly Experiment[] }
  const { task, root, keepLast } = job
  const resume = task.kind === 'resume' ? task : undefined
  const record = resume && readRunRecord(openRun(root, resume.run))
  const provenance = findProvenance(fileURLToPath(new URL('.', job.experimentsModule)))
  // Before the data are read: that may take minutes.
  if (resume) assertUnchanged({ run: resume.run, root, provenance, changed: resume.changed === true })
  const experiment = findExperiment(experiments, record ? record.experiment : (task as { experiment: string }).experiment)
  const moved = { data: resume?.data, testData: resume?.testData }
  const config = record ? movedSettings(experiment, record.config, moved) : (task as { settings: Record<string, unknown> }).settings
  const given = record ? recordedSettings(experiment, config) : parseSettings(experiment, config)
  const runtime = onnxNodeRuntime(job.threads === undefined ? {} : { threads: job.threads })
  const again = record && { of: { run: openRun(root, resume.run), record }, resume: resume.changed === true ? 'changed' : 'same' } as const
  const onItems = loadingEvents(event => void post({ kind: 'event', event }))
  const loaded = await loadTrainingData(experiment, given, { shared: true, ...again, onItems })
  const { train: trainData, test, validation, settings, checksums, split, notes } = await withTeacher(experiment, loaded, { root, runtime, ...(record && { recorded: record.data }) })
  if (signal.aborted) throw new UserError({ rule: 'The training was stopped before it began.', received: experiment.name })
  const kept = keepLast === undefined ? {} : { keepLast }
  const store = task.kind === 'resume'
    ? resumeRun({
        ...kept, root, run: task.run, provenance, data: checksums, changed: task.changed === true,
        places: placesOf(experiment, settings),
      })
    : startRun({
        ...kept, root, experiment: experiment.name, config: settings, seed: settings.seed, command: task.command,
        data: checksums, provenance, metrics: experiment.task.metrics,
      })
  try {
    keepSplit(store, split)
  } catch (error) {
    store.fail(error)
    throw error
  }
  await post({ kind: 'folder', folder: store.folder })
  const parts = { train: trainData, ...(test && { test }), ...(validation && { validation }), ...(notes && { notes }) }
  const createLoader = createPrefetchingLoader
  for await (const event of train({ experiment, settings, ...parts, runtime, store, createLoader, signal })) {
    await post({ kind: 'event', event })
  }
}

/** Runs a job to its end. Never throws: mistakes are posted as a `failed` event. */
export const runTrainingJob = (job: TrainingJob, post: Post, signal: AbortSignal): Promise<void> =>
  run(job, post, signal).catch((error: unknown) => post({ kind: 'event', event: failedEvent(error) }))
