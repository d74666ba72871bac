// A student's teacher: the completed run it learns from, and what that run's model says of every training example.
import { createHash } from 'node:crypto'
import { UserError, type Runtime } from '@ddlf/tensor'
import { stateDict } from '@ddlf/nn'
import type { Experiment } from '../../experiment/experiment.ts'
import { loadCheckpoint } from '../../runs/checkpoint.ts'
import { readRunRecord, runPaths } from '../../runs/run-folder.ts'
import type { RunFolder } from '../../runs/run-place.ts'
import { openRun } from '../../runs/run-reference.ts'
import { evaluateModel } from '../../train/evaluator.ts'
import { trainedModel } from '../../trained/trained-model.ts'
import { neededRuns, requireRun, trainingOf, type NeededRun } from '../../trained/node/needed-runs.ts'
import type { TrainingData } from './training-data.ts'

/** Where run.json names the run that taught: `teacher/<experiment>/<id>`, with the SHA-256 of its weights. */
const RECORDED = /^teacher\/([^/]+\/[^/]+)$/

/** The run to learn from: the one recorded by an earlier attempt, or the newest completed one with these settings. */
function findTeacher(
  root: string,
  student: string,
  needed: NeededRun,
  recorded: Readonly<Record<string, string>>,
): RunFolder {
  const before = Object.keys(recorded).flatMap(name => RECORDED.exec(name)?.[1] ?? [])[0]
  return before === undefined ? requireRun(root, student, needed) : openRun(root, before)
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
  const needed = neededRuns(experiment, data.settings).find(({ role }) => role === 'teacher')
  const { teacher } = experiment
  if (!teacher || !needed) return data
  const { settings } = needed
  const run = findTeacher(root, experiment.name, needed, recorded)
  const checkpoint = loadCheckpoint(runPaths(run).checkpoints, 'last', readRunRecord(run))
  if (!checkpoint)
    throw new UserError({
      rule: 'The teacher has no weights.',
      received: run.folder,
      next: `Train it again: ${trainingOf(root, needed)}`,
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
      next: 'Train the teacher anew, with as many classes as the student.',
    })
  }
  const column = { dtype: 'float32' as const, shape: teacher.shape, data: said.data }
  return {
    ...data,
    train: { ...data.train, columns: { ...data.train.columns, [teacher.column]: column } },
    checksums: { ...data.checksums, [name]: sha256 },
  }
}
