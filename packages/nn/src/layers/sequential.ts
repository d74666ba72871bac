// Layers one after another.
import type { Tensor } from '@ddlf/tensor'
import type { Module } from '../module.ts'

/** Applies its modules in order. Their names are '0', '1', ... as in PyTorch. */
export class Sequential {
  // The modules are fields named by their position, so that paths read '0.weight'.
  readonly [position: number]: Module
  readonly length: number

  constructor(...modules: readonly Module[]) {
    Object.assign(this, modules)
    this.length = modules.length
  }

  forward(x: Tensor): Tensor {
    let value = x
    for (let i = 0; i < this.length; i++) value = (this[i] as Module).forward(value)
    return value
  }
}
