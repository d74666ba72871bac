// A compiled forward pass in evaluation mode.
import { compile, runtimeKind, type Compiled, type Runtime, type Spec, type Tensor } from '@ddlf/tensor'
import { checkOptions, kinds } from '@ddlf/tensor/errors'
import { withMode } from './mode.ts'
import { labelState, modelKind } from './module.ts'
import type { Batch } from './phase.ts'

/** What an evaluation is made of. */
export interface EvaluationOptions<
  M extends object,
  C extends string,
  T extends Tensor | Readonly<Record<string, Tensor>>,
> {
  readonly model: M
  /** The forward pass and what is wanted of it; runs in evaluation mode. */
  readonly compute: (model: M, batch: Batch<C>) => T
  /** Shape and dtype of each column; one size of a shape may be `null`: it follows from each call's data. */
  readonly batch: Readonly<Record<C, Omit<Spec, 'name'>>>
  readonly runtime: Runtime
  readonly name?: string
}

/**
 * Compiles a forward pass in evaluation mode. The compiled function takes one array for each column, in order, and
 * reads the model's parameters and buffers at every call.
 */
export function evaluationStep<M extends object, C extends string, T extends Tensor | Readonly<Record<string, Tensor>>>(
  options: EvaluationOptions<M, C, T>,
): Compiled<T> {
  const { model, compute, batch, runtime, name = 'evaluationStep' } = checkOptions('evaluationStep', options, {
    model: kinds.needed(modelKind), compute: kinds.needed(kinds.callable),
    batch: kinds.needed(kinds.dictionary(kinds.dictionary())),
    runtime: kinds.needed(runtimeKind), name: kinds.name,
  })
  labelState(model)
  const entries = Object.entries(batch) as [C, Omit<Spec, 'name'>][]
  return compile(
    (...columns) =>
      withMode({ training: false }, () =>
        compute(model, Object.fromEntries(entries.map(([column], i) => [column, columns[i]])) as Batch<C>),
      ).output,
    entries.map(([column, spec]) => ({ ...spec, name: column })),
    { runtime, name },
  )
}
