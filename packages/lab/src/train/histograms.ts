// The distributions of weights and gradients, and a picture of the first layer, at the end of an epoch, for
// TensorBoard.
import {
  assumeFinite, compile, differentiate, type Compiled, type Runtime, type Tensor, type TypedArray,
} from '@ddlf/tensor'
import type { Loader } from '@ddlf/data'
import { namedParameters, type Module } from '@ddlf/nn'
import { columnAmong } from '../experiment/experiment-data.ts'
import type { Experiment, TrainingSettings } from '../experiment/experiment.ts'
import type { RunStore } from '../runs/run-store.ts'
import { filtersOf, filtersPng } from '../analysis/attribution/filters-of.ts'
import type { Phase } from '../tasks/task.ts'
import { phaseLoss } from './phase-loss.ts'
import type { TrainingPlan } from './plan.ts'

/** The gradients of a phase over a batch. */
interface PhaseGradients {
  readonly columns: readonly string[]
  /** What the gradients are called, in the order in which they come. */
  readonly tags: readonly string[]
  readonly gradients: Compiled<readonly Tensor[]>
}

type Looked = Pick<TrainingPlan, 'model' | 'batch' | 'context'>

/**
 * Logs a histogram of each parameter and of its gradient over one batch, and the first layer as a picture where it
 * looks at pixels. The training step does not hand gradients out, so they come from a graph of their own: the loss in
 * evaluation mode on the first batch of the coming epoch, phase by phase.
 */
export class HistogramLog {
  readonly #model: Module
  readonly #loader: Loader
  readonly #column: string | undefined
  readonly #phases: readonly PhaseGradients[]

  constructor(
    experiment: Experiment,
    settings: TrainingSettings,
    plan: Looked & Pick<TrainingPlan, 'plain'>,
    runtime: Runtime,
  ) {
    this.#model = plan.model
    this.#loader = plan.plain
    this.#column = columnAmong(experiment, plan.plain.columns)
    const phases = experiment.task.phases(settings)
    this.#phases = phases.map(phase => gradientsOf(phase, phases.length > 1, settings, plan, runtime))
  }

  /** Writes the histograms of the model as it is now. */
  async write(store: RunStore, step: number, epoch: number): Promise<void> {
    for (const [name, parameter] of namedParameters(this.#model)) {
      store.appendHistogram({ step, tag: `weights/${name}`, values: parameter.leaf?.data as Float32Array })
    }
    for (const { columns, tags, gradients } of this.#phases) {
      const batch: TypedArray[] = []
      for await (const chunk of this.#loader.epoch(epoch)) {
        batch.push(...columns.map(name => chunk.columns[name]?.data.slice() as TypedArray))
        break
      }
      const found = await gradients(...batch)
      tags.forEach((tag, i) => { store.appendHistogram({ step, tag, values: found[i]?.data as Float32Array }) })
    }
    const input = this.#column === undefined ? undefined : this.#loader.columns[this.#column]
    const filters = input && filtersOf(this.#model, input)
    const png = filters && filtersPng(filters)
    if (png) store.appendImage({ step, tag: 'filters', png })
  }

  async release(): Promise<void> {
    await Promise.all(this.#phases.map(({ gradients }) => gradients.release()))
  }
}

/** @param isOneOfSeveral its gradients bear the name of the phase: `gradients/critic/0.weight` */
function gradientsOf(
  phase: Phase<TrainingSettings>,
  isOneOfSeveral: boolean,
  settings: TrainingSettings,
  { model, batch, context }: Looked,
  runtime: Runtime,
): PhaseGradients {
  const { columns, loss } = phaseLoss(phase, settings, model, batch, context)
  const { trains = () => true } = phase
  // The names of a list are those of parameters: the training step, which is built before, has refused others.
  const trained = [...namedParameters(model)].filter(([name, parameter]) =>
    typeof trains === 'function' ? trains(name, parameter) : trains.includes(name))
  const specs = columns.map(name => ({
    name,
    shape: batch[name]?.shape ?? [],
    dtype: batch[name]?.dtype ?? 'float32',
  }))
  const parameters = trained.map(([, parameter]) => parameter)
  return {
    columns,
    tags: trained.map(([name]) => `gradients/${isOneOfSeveral ? `${phase.name}/` : ''}${name}`),
    gradients: compile(
      (...fed: Tensor[]) => assumeFinite(() => differentiate(loss(...fed), parameters)),
      specs,
      { runtime, name: 'gradients' },
    ),
  }
}
