// Gradients of class scores by the input or by feature maps: what saliency and Grad-CAM are made from.
import { checkOptions } from '@ddlf/tensor/errors'
import { compile, differentiate, mul, oneHot, sum, type Runtime, type Tensor } from '@ddlf/tensor'

/** Feature maps and the gradients of the class score by them, both row-major in `shape`. */
export interface ClassGradients {
  readonly activations: Float32Array
  readonly gradients: Float32Array
  readonly shape: readonly [items: number, channels: number, height: number, width: number]
}

/**
 * The gradient of each item's class score (its logit) by the input, or by feature maps on the way to the logits.
 * @param forward from inputs [items, ...inputShape] to logits [items, classes]
 * @param inputs row-major, shape [items, ...inputShape]
 * @param classes the class of each item whose score is explained
 * @param options.maps picks the tensor [items, channels, height, width] in the graph; default: the input, which makes
 *   saliency
 * @throws UserError when the shapes do not fit the model
 */
export async function classGradients(
  forward: (x: Tensor) => Tensor,
  inputs: Float32Array,
  inputShape: readonly number[],
  classes: Int32Array,
  options: { readonly runtime: Runtime; readonly maps?: (logits: Tensor, x: Tensor) => Tensor },
): Promise<ClassGradients> {
  checkOptions('classGradients', options, ['runtime', 'maps'])
  const { runtime, maps: pick = (_: Tensor, x: Tensor) => x } = options
  const run = compile(
    (x, labels) => {
      const logits = forward(x)
      const maps = pick(logits, x)
      // An item's score depends on its own maps alone, so one sum gives every item's gradient.
      const score = sum(mul(logits, oneHot(labels, logits.shape.at(-1) ?? 0)))
      return [maps, ...differentiate(score, [maps])]
    },
    [{ shape: [classes.length, ...inputShape] }, { shape: [classes.length], dtype: 'int32' }],
    { runtime, name: 'class-gradients' },
  )
  try {
    const [maps, gradient] = await run(inputs, classes)
    const [items = 0, channels = 1, height = 1, width = 1] = maps?.shape ?? []
    return {
      activations: maps?.data as Float32Array,
      gradients: gradient?.data as Float32Array,
      shape: [items, channels, height, width],
    }
  } finally {
    await run.release()
  }
}
