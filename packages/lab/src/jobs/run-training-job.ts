// A training from its job to its last event: loads the data, opens the run folder, and posts the loop's events.
import { fileURLToPath } from 'node:url'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { createPrefetchingLoader } from '@ddlf/data/node'
import {
  findExperiment,
  givenSettings,
  parseSettings,
  recordedSettings,
  type Experiment,
  type TrainingSettings,
} from '../experiment/experiment.ts'
import { experimentsFrom, moduleWith } from '../experiment/node/experiments-from.ts'
import {
  assertUnchanged,
  checkpointNames,
  openRun,
  provenance as findProvenance,
  readRunRecord,
  resumeRun,
  runPaths,
  startRun,
  type Provenance,
  type StoredRun,
} from '../runs/node.ts'
import { ChangedSince } from '../runs/changed-since.ts'
import { changedData } from '../runs/run-origin.ts'
import { failedEvent, loadingEvents } from '../train/events.ts'
import { requireSampling } from '../train/require-sampling.ts'
import { requireStart } from '../train/starting-weights.ts'
import { train } from '../train/train.ts'
import { budgetOf } from '../experiment/budget.ts'
import { requireNoShare, requireSameDivision } from '../data-source/held-out-share.ts'
import type { RunWithData } from '../data-source/node/loaded-data.ts'
import { movedSettings, placesOf } from '../data-source/node/moved-data.ts'
import { keepSplit } from '../data-source/node/recorded-split.ts'
import { keepArtifacts } from '../data-source/node/run-artifacts.ts'
import { tokenizerArtifact } from '../data-source/text-stream.ts'
import { withTeacher } from '../data-source/node/teacher.ts'
import { loadTrainingData, type TrainingData } from '../data-source/node/training-data.ts'
import { experimentOf } from '../trained/node/trained-run.ts'
import { broughtOver, startingRun } from '../trained/node/starting-run.ts'
import { startedFrom, weightsOfRun, type StartingRun } from '../trained/node/weights-of-run.ts'
import { requireMemory } from './require-memory.ts'
import type { FromTrainer, TrainingJob } from './training-job.ts'

/** Hears what a training says; the training waits where it takes its time. */
type Post = (message: FromTrainer) => void | Promise<void>

/** What a job trains. */
interface Trained {
  readonly experiment: Experiment
  readonly provenance: Provenance
  readonly given: TrainingSettings
  /** The run that is gone on with. */
  readonly again?: { readonly of: RunWithData; readonly resume: 'same' | 'changed' }
  /** The run whose weights this one begins with. */
  readonly start?: StartingRun
}

/** The experiment with its settings, from the task alone or from the record of the run. */
async function trainedBy({ experimentsModule, root, task }: TrainingJob): Promise<Trained> {
  const experiments = await experimentsFrom(experimentsModule)
  const provenanceOf = async (name: string) =>
    findProvenance(fileURLToPath(await moduleWith(experimentsModule, name)))
  if (task.kind === 'start') {
    const experiment = findExperiment(experiments, task.experiment)
    const provenance = await provenanceOf(experiment.name)
    const given = parseSettings(experiment, task.settings)
    const start = startingRun(root, experiment, given, task.from)
    return { experiment, provenance, given, ...(start && { start }) }
  }
  const { data, testData, changed = false } = task
  const run = openRun(root, task.run)
  const record = readRunRecord(run)
  const experiment = experimentOf(experiments, record)
  const provenance = await provenanceOf(experiment.name)
  // Before the data are read: that may take minutes.
  assertUnchanged({ run: task.run, root, provenance, changed })
  const given = recordedSettings(experiment, movedSettings(experiment, record.config, { data, testData }))
  // Without a checkpoint of its own it begins again.
  const from = checkpointNames(runPaths(run).checkpoints).length === 0 ? startedFrom(record.data) : undefined
  return {
    experiment,
    provenance,
    given,
    again: { of: { run, record }, resume: changed ? 'changed' : 'same' },
    ...(from !== undefined && { start: weightsOfRun(root, from, record.data) }),
  }
}

/** The run that is written: a new one, or the one that the task goes on with. */
function storeOf(
  { task, root, keepLast }: TrainingJob,
  { experiment, provenance, start }: Trained,
  { settings, checksums, split, artifacts }: TrainingData,
): StoredRun {
  const data = { ...checksums, ...start?.checksums }
  const common = { root, provenance, data, ...(keepLast !== undefined && { keepLast }) }
  const store =
    task.kind === 'resume'
      ? resumeRun({
          ...common,
          run: task.run,
          changed: task.changed === true,
          places: placesOf(experiment, settings),
        })
      : startRun({
          ...common,
          experiment: experiment.name,
          config: settings,
          seed: settings.seed,
          chosen: Object.keys(givenSettings(experiment, settings)),
          ...(task.study && { study: task.study }),
          command: task.command,
          metrics: experiment.task.metrics,
        })
  try {
    keepSplit(store, split)
    keepArtifacts(store, artifacts)
  } catch (error) {
    store.fail(error)
    throw error
  }
  return store
}

/** @throws ChangedSince where a new run is to learn from certain data and finds others */
function assertAsked({ task }: TrainingJob, { checksums }: TrainingData): void {
  if (task.kind !== 'start' || !task.data) return
  const others = changedData(task.data, checksums)
  if (others.length === 0) return
  throw new ChangedSince({
    rule: 'The data are not those that the other runs learned from.',
    received: others.join('; '),
    next: 'Put them back as they were.',
  })
}

async function run(job: TrainingJob, post: Post, signal: AbortSignal): Promise<void> {
  const trained = await trainedBy(job)
  const { experiment, given, again, start: from } = trained
  // A run that cannot begin leaves none behind, and one that cannot go on stays as it is.
  if (again) requireSameDivision(experiment, given, 'Train it anew.')
  else requireNoShare(experiment, given)
  if (!experiment.task.fit) budgetOf(given)
  const runtime = onnxNodeRuntime(job.threads === undefined ? {} : { threads: job.threads })
  const tokenizer = from?.artifact(tokenizerArtifact)
  const own = await loadTrainingData(experiment, given, {
    shared: true,
    ...again,
    ...(tokenizer !== undefined && { tokenizer }),
    onItems: loadingEvents(event => void post({ kind: 'event', event })),
  })
  assertAsked(job, own)
  const recorded = again?.of.record.data
  const loaded = await withTeacher(experiment, own, { root: job.root, runtime, ...(recorded && { recorded }) })
  const { train: learnedFrom, test, validation, settings, notes } = loaded
  if (signal.aborted) {
    throw new UserError({ rule: 'The training was stopped before it began.', received: experiment.name })
  }
  requireMemory(experiment, settings)
  if (!experiment.task.fit) requireSampling(learnedFrom, settings)
  const start = from && broughtOver(experiment, loaded, from)
  if (start) requireStart({ experiment, settings, start })
  const store = storeOf(job, trained, loaded)
  await post({ kind: 'folder', folder: store.folder })
  for await (const event of train({
    experiment,
    settings,
    train: learnedFrom,
    ...(test && { test }),
    ...(validation && { validation }),
    runtime,
    store,
    createLoader: createPrefetchingLoader,
    signal,
    ...(notes && { notes }),
    ...(start && { start }),
  })) {
    await post({ kind: 'event', event })
  }
}

/** Runs a job to its end. Never throws: mistakes are posted as a `failed` event. */
export const runTrainingJob = (job: TrainingJob, post: Post, signal: AbortSignal): Promise<void> =>
  run(job, post, signal).catch((error: unknown) => post({ kind: 'event', event: failedEvent(error) }))
