// A student's teacher: the completed run it learns from, and what that run's model says of every training example.
import { createHash } from 'node:crypto'
import { UserError, type Runtime } from '@ddlf/tensor'
import { stateDict } from '@ddlf/nn'
import { givenSettings, parseSettings, type Experiment, type TrainingSettings } from '../../experiment/experiment.ts'
import { ddlfCommand, settingWords } from '../../command-text.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../runs/run-folder.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import { openRun } from '../../runs/run-reference.ts'
import { runsWords } from '../../runs/runs-words.ts'
import { evaluateModel } from '../../train/evaluator.ts'
import { trainedModel } from '../../trained/trained-model.ts'
import { completedRuns, runWith } from '../../trained/node/completed-runs.ts'
import type { TrainingData } from './training-data.ts'

/** The settings of the run that an experiment learns from; undefined where these settings need none. */
function teacherSettings({ teacher }: Experiment, settings: TrainingSettings): TrainingSettings | undefined {
  const given = teacher?.settings(settings)
  return teacher && given && parseSettings(teacher.experiment, given)
}

/** The training that has to be done before an experiment can begin; undefined where it needs no teacher, or has one. */
export function missingTeacher(
  root: string,
  experiment: Experiment,
  settings: TrainingSettings,
): { readonly experiment: Experiment; readonly settings: TrainingSettings } | undefined {
  const wanted = teacherSettings(experiment, settings)
  if (!experiment.teacher || !wanted || runWith(completedRuns(root, experiment.teacher.experiment), wanted))
    return undefined
  return { experiment: experiment.teacher.experiment, settings: wanted }
}

/** The run that an experiment with these settings learns from; undefined where it needs no teacher, or has none. */
export function existingTeacher(
  root: string, experiment: Experiment, settings: TrainingSettings,
): RunFolder | undefined {
  const wanted = teacherSettings(experiment, settings)
  return experiment.teacher && wanted && runWith(completedRuns(root, experiment.teacher.experiment), wanted)
}

/** The command that trains a teacher. */
const training = (root: string, teacher: Experiment, settings: TrainingSettings): string =>
  ddlfCommand('train', teacher.name, ...settingWords(givenSettings(teacher, settings)), ...runsWords(root))

/** Where run.json names the run that taught: `teacher/<experiment>/<id>`, with the SHA-256 of its weights. */
const RECORDED = /^teacher\/([^/]+\/[^/]+)$/

/**
 * The run to learn from: the one recorded by an earlier attempt, or the newest completed one of the wanted settings.
 */
function findTeacher(
  root: string,
  student: string,
  teacher: Experiment,
  settings: TrainingSettings,
  recorded: Readonly<Record<string, string>>,
): RunFolder {
  const before = Object.keys(recorded).flatMap(name => RECORDED.exec(name)?.[1] ?? [])[0]
  if (before !== undefined) return openRun(root, before)
  const found = runWith(completedRuns(root, teacher), settings)
  if (found) return found
  throw new UserError({
    rule: `${student} learns from a completed run of ${teacher.name}.`,
    received: `none with these settings in ${root}`,
    next: `Train it first: ${training(root, teacher, settings)}`,
  })
}

/**
 * Adds to the training examples what the teacher says of each, as a column, and to the checksums which run it was.
 * @param options.recorded checksums of an earlier attempt: the run goes on with the teacher it began with
 * @returns the data as given where the settings ask for no teacher
 * @throws UserError where there is no such run (it says how to train it), or it changed since
 */
export async function withTeacher(
  experiment: Experiment,
  data: TrainingData,
  {
    root,
    runtime,
    recorded = {},
  }: { readonly root: string; readonly runtime: Runtime; readonly recorded?: Readonly<Record<string, string>> },
): Promise<TrainingData> {
  const settings = teacherSettings(experiment, data.settings)
  const { teacher } = experiment
  if (!teacher || !settings) return data
  const run = findTeacher(root, experiment.name, teacher.experiment, settings, recorded)
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last', readRunRecord(run))
  if (!checkpoint)
    throw new UserError({
      rule: 'The teacher has no weights.',
      received: run.folder,
      next: `Train it again: ${training(root, teacher.experiment, settings)}`,
    })
  const model = trainedModel(teacher.experiment, settings, checkpoint)
  const hash = createHash('sha256')
  for (const { data: values } of Object.values(stateDict(model)))
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  const [name, sha256] = [`teacher/${run.experiment}/${run.id}`, hash.digest('hex')]
  if (recorded[name] !== undefined && recorded[name] !== sha256) {
    throw new UserError({
      rule: 'The teacher of the run has changed since it began.',
      received: `${run.experiment}/${run.id}, whose weights have changed since`,
      next: 'Start a new run.',
    })
  }
  const { outputs } = await evaluateModel(teacher.experiment, settings, model, data.train, runtime)
  const said = outputs[teacher.output]
  if (!said || said.shape.join() !== teacher.shape.join()) {
    throw new UserError({
      rule: `A teacher of ${experiment.name} must give '${teacher.output}' of shape [${teacher.shape.join(', ')}].`,
      received: said ? `[${said.shape.join(', ')}]` : Object.keys(outputs).join(', '),
    })
  }
  const column = { dtype: 'float32' as const, shape: teacher.shape, data: said.data }
  return {
    ...data,
    train: { ...data.train, columns: { ...data.train.columns, [teacher.column]: column } },
    checksums: { ...data.checksums, [name]: sha256 },
  }
}
