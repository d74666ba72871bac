// Layers one after another.
import type { Tensor } from '@ddlf/tensor'
import { checkArgument, kinds } from '@ddlf/tensor/errors'
import type { Module } from '../module.ts'

/** Applies its modules in order. Their names are '0', '1', ... as in PyTorch. */
export class Sequential {
  // The modules are fields named by their position, so that paths read '0.weight'.
  readonly [position: number]: Module
  readonly length: number

  constructor(...modules: readonly Module[]) {
    const layer = kinds.withMethods('a layer: an object with forward(x)', 'forward')
    modules.forEach((module, i) => checkArgument(
      'Sequential', `module ${i}`, module, layer, 'Give the layers one after another: new Sequential(first, second).',
    ))
    Object.assign(this, modules)
    this.length = modules.length
  }

  forward(x: Tensor): Tensor {
    let value = x
    for (let i = 0; i < this.length; i++) value = (this[i] as Module).forward(value)
    return value
  }
}
