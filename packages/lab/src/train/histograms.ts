// The distributions of weights and gradients, and a picture of the first layer, at the end of an epoch, for
// TensorBoard.
import {
  assumeFinite, compile, differentiate, type Compiled, type Runtime, type Tensor, type TypedArray,
} from '@ddlf/tensor'
import type { Loader } from '@ddlf/data'
import { namedParameters, type Module } from '@ddlf/nn'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { RunStore } from '../runs/run-store.ts'
import { filtersOf, filtersPng } from '../analysis/attribution/filters-of.ts'
import { phaseLoss } from './phase-loss.ts'
import type { TrainingPlan } from './plan.ts'

/**
 * Logs a histogram of each parameter and of its gradient over one batch, and the first layer as a picture where it
 * looks at pixels. The training step does not hand gradients out, so they come from a graph of their own: the loss in
 * evaluation mode on the first batch of the coming epoch.
 */
export class HistogramLog {
  readonly #experiment: Experiment
  readonly #model: Module
  readonly #loader: Loader
  readonly #columns: readonly string[]
  readonly #gradients: Compiled<readonly Tensor[]>

  constructor(
    experiment: Experiment,
    settings: TrainingSettings,
    { model, plain, batch, context }: Pick<TrainingPlan, 'model' | 'plain' | 'batch' | 'context'>,
    runtime: Runtime,
  ) {
    this.#experiment = experiment
    this.#model = model
    this.#loader = plain
    const { columns, loss } = phaseLoss(experiment, settings, model, batch, context)
    this.#columns = columns
    const parameters = [...namedParameters(model).values()]
    const specs = columns.map(name => ({
      name,
      shape: batch[name]?.shape ?? [],
      dtype: batch[name]?.dtype ?? 'float32',
    }))
    this.#gradients = compile(
      (...fed: Tensor[]) => assumeFinite(() => differentiate(loss(...fed), parameters)),
      specs,
      { runtime, name: 'gradients' },
    )
  }

  /** Writes the histograms of the model as it is now. */
  async write(store: RunStore, step: number, epoch: number): Promise<void> {
    const batch: TypedArray[] = []
    for await (const chunk of this.#loader.epoch(epoch)) {
      batch.push(...this.#columns.map(name => chunk.columns[name]?.data.slice() as TypedArray))
      break
    }
    const gradients = await this.#gradients(...batch)
    for (const [i, [name, parameter]] of [...namedParameters(this.#model)].entries()) {
      store.appendHistogram({ step, tag: `weights/${name}`, values: parameter.leaf?.data as Float32Array })
      store.appendHistogram({ step, tag: `gradients/${name}`, values: gradients[i]?.data as Float32Array })
    }
    const input = this.#loader.columns[this.#experiment.task.input]
    const filters = input && filtersOf(this.#model, input)
    const png = filters && filtersPng(filters)
    if (png) store.appendImage({ step, tag: 'filters', png })
  }

  release(): Promise<void> {
    return this.#gradients.release()
  }
}
