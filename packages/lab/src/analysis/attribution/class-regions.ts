// Where in a picture a class was found: Grad-CAM from a model's graph, the same in analyses and in pages.
import { checkOptions } from '@ddlf/tensor/errors'
import type { Runtime, Tensor } from '@ddlf/tensor'
import { classGradients } from './class-gradients.ts'
import { lastFeatureMaps } from './feature-tensors.ts'
import { gradCam, type AttributionMaps } from './saliency.ts'

/**
 * Grad-CAM of each item's class: the feature maps, each weighed by the mean of the class score's gradient over it,
 * summed, and 0 where that is below 0. `resizeMaps` brings the result to the size of the picture.
 * Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV
 * 2017, equations 1 and 2.
 * @param forward from inputs [items, ...inputShape] to logits [items, classes]
 * @param inputs row-major, shape [items, ...inputShape]
 * @param classes the class of each item whose score is explained
 * @param options.maps the feature maps [items, channels, height, width]; default the last ones of the model
 * @throws UserError when the shapes do not fit the model
 */
export async function classRegions(
  forward: (x: Tensor) => Tensor,
  inputs: Float32Array,
  inputShape: readonly number[],
  classes: Int32Array,
  options: { readonly runtime: Runtime; readonly maps?: (logits: Tensor, x: Tensor) => Tensor },
): Promise<AttributionMaps> {
  checkOptions('classRegions', options, ['runtime', 'maps'])
  const { runtime, maps = (logits: Tensor, x: Tensor) => lastFeatureMaps(logits, x) ?? x } = options
  const { activations, gradients, shape } = await classGradients(forward, inputs, inputShape, classes, {
    runtime, maps,
  })
  return gradCam(activations, gradients, shape)
}
