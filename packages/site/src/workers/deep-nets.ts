// Two deep nets of tanh units that learn digits beside each other: a plain one, and one with shortcuts.
import { Flatten, Linear, sgd, type Module } from '@ddlf/nn'
import { add, tanh, type Tensor } from '@ddlf/tensor'
import { PIXELS, type Digits } from './digits.ts'
import { quickNet, type QuickNet } from './quick-net.ts'

export const PASSAGES = ['plain', 'shortcuts'] as const
export type Passage = (typeof PASSAGES)[number]

const WIDTH = 24
const LEARNING_RATE = 0.02
const MOMENTUM = 0.9

class Block implements Module {
  readonly transform = new Linear(WIDTH, WIDTH)

  constructor(readonly passage: Passage) {}

  forward(x: Tensor): Tensor {
    const h = tanh(this.transform.forward(x))
    return this.passage === 'shortcuts' ? add(x, h) : h
  }
}

class DeepNet implements Module {
  readonly flatten = new Flatten()
  readonly first = new Linear(PIXELS, WIDTH)
  readonly blocks: readonly Block[]
  readonly logits = new Linear(WIDTH, 10)

  constructor(depth: number, passage: Passage) {
    this.blocks = Array.from({ length: depth }, () => new Block(passage))
  }

  forward(images: Tensor): Tensor {
    const first = tanh(this.first.forward(this.flatten.forward(images)))
    return this.logits.forward(this.blocks.reduce((x, block) => block.forward(x), first))
  }
}

/** Both nets with so many blocks, nothing learned yet: the same first weights, and digits in the same order. */
export function deepNets(train: Digits, depth: number): Promise<readonly (readonly [Passage, QuickNet])[]> {
  const nets = PASSAGES.map(async passage => {
    const build = () => new DeepNet(depth, passage)
    const optimizer = sgd({ momentum: MOMENTUM })
    return [passage, await quickNet(train, { build, optimizer, learningRate: LEARNING_RATE })] as const
  })
  return Promise.all(nets)
}
