// What a study will take, from a few steps of one training: asked before the first trial.
import { createLoader } from '@ddlf/data'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { roundsOf } from '../../experiment/budget.ts'
import { findExperiment, parseSettings, type TrainingSettings } from '../../experiment/experiment.ts'
import type { ExperimentModules } from '../../experiment/experiment-modules.ts'
import { experimentsFrom } from '../../experiment/node/experiments-from.ts'
import { callInChild } from '../../jobs/process/call-in-child.ts'
import { memoryRunStore } from '../../runs/run-store.ts'
import type { Grounds } from '../../runs/run-origin.ts'
import type { StartEvent, TrainEvent } from '../../train/events.ts'
import { train } from '../../train/train.ts'
import { loadTrainingData } from '../../data-source/node/training-data.ts'
import { groundsOf } from './study-grounds.ts'

/** What one training takes. */
export interface TrainingCost {
  /** Of the whole, those before its first step included. */
  readonly seconds: number
  /** Before its first step: reading the data, building and compiling the step. */
  readonly secondsBefore: number
  /** Of its checkpoints on disk. */
  readonly bytes: number
  readonly parameters: number
  readonly flop: number
  /** What it was measured on. */
  readonly grounds: Grounds
}

interface Probed {
  readonly experimentsModule: ExperimentModules
  readonly experiment: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly threads: number
}

/** Seconds of steps that are timed, after the first chunk. */
const TIMED = 2
/** A forward pass alone is a third of a training step. */
const FORWARD_SHARE = 1 / 3
/** Files of a run beside its checkpoints: record, metrics, events. */
const OTHER_BYTES = 200_000

/** The pace of a training, from its events. */
class Pace {
  start: StartEvent | undefined
  secondsPerStep = Number.NaN
  #first: { readonly step: number; readonly at: number } | undefined

  /** @returns whether enough is known */
  hear(event: TrainEvent): boolean {
    if (event.kind === 'failed') throw event.parts ? new UserError(event.parts) : new Error(event.message)
    if (event.kind === 'start') this.start = event
    if (event.kind === 'step') {
      // The first chunk also compiles.
      this.#first ??= { step: event.step, at: performance.now() }
      const seconds = (performance.now() - this.#first.at) / 1000
      if (event.step > this.#first.step) this.secondsPerStep = seconds / (event.step - this.#first.step)
      return seconds > TIMED
    }
    if (event.kind !== 'evaluation') return false
    // Between the steps of two epochs lies an evaluation: an epoch behind the first tells its steps apart.
    if (event.epoch > 1) this.secondsPerStep = event.seconds.step / (this.start?.stepsPerEpoch ?? Number.NaN)
    this.#first = undefined
    return event.epoch > 1
  }
}

/** Settings with which a training has a second round: what lies before the first is part of that one alone. */
const probedSettings = (settings: TrainingSettings): Readonly<Record<string, unknown>> =>
  roundsOf(settings) > 1
    ? settings
    : settings.steps > 0
      ? { ...settings, steps: 2 * settings.steps, evaluateEvery: settings.steps }
      : { ...settings, epochs: 2 }

/** Trains for a few seconds in memory and tells what the whole would take. Called in a process of its own. */
export async function probeTraining({
  experimentsModule,
  experiment,
  settings: given,
  threads,
}: Probed): Promise<TrainingCost> {
  const began = performance.now()
  const found = findExperiment(await experimentsFrom(experimentsModule), experiment)
  const whole = parseSettings(found, given)
  const asked = parseSettings(found, probedSettings(whole))
  const { train: data, validation, settings, checksums } = await loadTrainingData(found, asked)
  const store = memoryRunStore('probe')
  const stop = new AbortController()
  const pace = new Pace()
  const runtime = onnxNodeRuntime({ threads })
  const held = { ...(validation && { validation }) }
  let first: number | undefined
  for await (const event of train({
    experiment: found,
    settings,
    train: data,
    ...held,
    runtime,
    store,
    createLoader,
    signal: stop.signal,
  })) {
    // Some models are counted, without a step.
    if (event.kind === 'step' || event.kind === 'evaluation') first ??= performance.now()
    if (pace.hear(event)) stop.abort()
  }
  if (!pace.start) throw new Error('The probe ended without a word.')
  const { stepsPerEpoch, parameters, flopPerStep, trainExamples } = pace.start
  const steps = roundsOf(whole) * stepsPerEpoch
  const secondsBefore = ((first ?? performance.now()) - began) / 1000
  const evaluated = validation?.length ?? Math.max(0, data.length - trainExamples)
  const evaluations = (FORWARD_SHARE * evaluated) / (whole.steps > 0 ? stepsPerEpoch * whole.batchSize : trainExamples)
  const tensors = Object.values(store.loadCheckpoint('last')?.tensors ?? {})
  const state = tensors.reduce((sum, { data: values }) => sum + values.byteLength, 0)
  return {
    seconds: secondsBefore + steps * pace.secondsPerStep * (1 + evaluations),
    secondsBefore,
    bytes: 2 * state + OTHER_BYTES,
    parameters,
    flop: steps * flopPerStep,
    grounds: await groundsOf(experimentsModule, experiment, checksums),
  }
}

/** What a training takes on this machine, measured in a process of its own. @throws UserError where it cannot begin */
export const estimateTraining = (probed: Probed, signal?: AbortSignal): Promise<TrainingCost> =>
  callInChild<TrainingCost>(new URL(import.meta.url), 'probeTraining', probed, { signal })
