// LeNet-1, which learns in the page while its feature maps are looked at: the course's own small LeNet.
import { SmallLeNet } from '@ddlf/course/small-lenet'
import { sgd } from '@ddlf/nn'
import type { Tensor } from '@ddlf/tensor'
import type { Digits } from './digits.ts'
import { learningDigits, softmax, type LearningDigits } from './learning-digits.ts'

/** What is to be seen of the net while it looks at one digit. */
export interface Sight {
  readonly probabilities: Float32Array
  /** Four maps of 24 x 24, behind the first convolution and ReLU. */
  readonly first: readonly Float32Array[]
  /** Twelve maps of 8 x 8, behind the second. */
  readonly second: readonly Float32Array[]
  /** Where the likeliest class was found, 8 x 8: Grad-CAM. */
  readonly heat: Float32Array
}

export const [FIRST, FIRST_SIDE, SECOND, SECOND_SIDE, WINDOW] = [4, 24, 12, 8, 5]
const POOLED = (SECOND_SIDE / 2) ** 2

/** The first layers of the net, one after another. @param count of layers */
const through = ({ features }: SmallLeNet, images: Tensor, count: number): Tensor =>
  Array.from({ length: count }, (_, i) => features[i]).reduce((x, layer) => layer?.forward(x) ?? x, images)

const cut = (values: Float32Array, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) =>
    values.slice((i * values.length) / count, ((i + 1) * values.length) / count))

export interface QuickLeNet extends Pick<LearningDigits<SmallLeNet>, 'steps' | 'epoch' | 'learn' | 'read'> {
  /** The four windows of the first layer, 25 weights each. */
  windows(): Float32Array[]
  see(image: Uint8Array): Promise<Sight>
}

/**
 * Where a class was found: the second layer's maps, each weighed by the mean of the class's gradient over it, summed,
 * and 0 where that is below 0. Behind the maps stand a pooling and a dense layer alone, so the gradient by a pooled
 * value is its weight. Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based
 * localization", 2017, equations 1 and 2.
 * @param maps [12] of 8 x 8  @param weights of the class, [12 * 4 * 4]
 */
export function gradCam(maps: readonly Float32Array[], weights: ArrayLike<number>): Float32Array {
  const heat = new Float32Array(SECOND_SIDE * SECOND_SIDE)
  maps.forEach((map, k) => {
    let total = 0
    for (let i = 0; i < POOLED; i++) total += weights[k * POOLED + i] ?? 0
    const share = total / (SECOND_SIDE * SECOND_SIDE)
    map.forEach((value, i) => (heat[i] = (heat[i] ?? 0) + share * value))
  })
  return heat.map(value => Math.max(0, value))
}

/** A net that has learned nothing yet. @param seed of its first weights and of the order of the digits */
export async function quickLeNet(train: Digits, seed = 1): Promise<QuickLeNet> {
  const net = await learningDigits(
    train,
    {
      build: () => new SmallLeNet('LeNet-1'),
      shape: [1, 28, 28],
      batch: 20,
      learningRate: 0.05,
      optimizer: sgd({ momentum: 0.9 }),
      look: (model, images) => ({ first: through(model, images, 2), second: through(model, images, 5) }),
    },
    seed,
  )
  const weightsOf = (layer: unknown) => (layer as { readonly weight: Tensor }).weight.leaf?.data as Float32Array
  return Object.assign(net, {
    windows: () => cut(weightsOf(net.model.features[0]), FIRST),
    async see(image: Uint8Array): Promise<Sight> {
      const { logits = new Float32Array(10), first, second } = await net.look(image)
      const probabilities = softmax(logits)
      const best = probabilities.indexOf(Math.max(...probabilities))
      const maps = cut(second ?? new Float32Array(SECOND * SECOND_SIDE ** 2), SECOND)
      const rows = cut(weightsOf(net.model.classifier[0]), 10)
      return {
        probabilities,
        first: cut(first ?? new Float32Array(FIRST * FIRST_SIDE ** 2), FIRST),
        second: maps,
        heat: gradCam(maps, rows[best] ?? []),
      }
    },
  })
}
