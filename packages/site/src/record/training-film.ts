// A training that is looked at after each evaluation: what living pictures are made of.
import { createLoader } from '@ddlf/data'
import { memoryRunStore, train, type Experiment, type RunStore, type TrainOptions } from '@ddlf/lab'
import { onnxNodeRuntime } from '@ddlf/tensor/node'

/** What a run had come to at an evaluation. */
export interface FilmFrame {
  readonly step: number
  readonly checkpoint: NonNullable<ReturnType<RunStore['loadCheckpoint']>>
  /** The newest value of a metric, such as `test/error`. */
  readonly measured: (name: string) => number | undefined
}

/** Trains, and hands on each evaluation with the weights of that moment. @throws where the training fails */
export async function* trainingFilm(
  experiment: Experiment,
  run: Pick<TrainOptions, 'settings' | 'train' | 'test' | 'validation'>,
): AsyncGenerator<FilmFrame, void> {
  const store = memoryRunStore(`${experiment.name}/picture`)
  const events = train({
    ...run, experiment, runtime: onnxNodeRuntime({ threads: 1 }), store, createLoader, checkpointSeconds: 1e9,
  })
  let shown = 0
  for await (const event of events) {
    if (event.kind === 'failed') throw new Error(event.message)
    if (event.kind !== 'checkpoint' || event.step === shown) continue
    const checkpoint = store.loadCheckpoint('last')
    if (!checkpoint) continue
    shown = event.step
    yield {
      step: event.step, checkpoint, measured: name => store.metrics.findLast(one => one.name === name)?.value,
    }
  }
}
