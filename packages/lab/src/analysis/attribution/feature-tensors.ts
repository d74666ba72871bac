// Where the features of a model are: found in the graph of its logits, so that no model has to say it.
import { topologicalOrder, type Tensor } from '@ddlf/tensor'

/**
 * The tensors between an input and the logits that depend on the input and on a learned parameter, each after those it
 * depends on.
 */
export function learnedTensors(logits: Tensor, input: Tensor): Tensor[] {
  const onInput = new Set([input])
  const onParameter = new Set<Tensor>()
  return topologicalOrder([logits]).filter(node => {
    const from = node.inputs
    if (from.some(one => onInput.has(one))) onInput.add(node)
    if (node.leaf?.kind === 'parameter' || from.some(one => onParameter.has(one))) onParameter.add(node)
    return node !== input && onInput.has(node) && onParameter.has(node)
  })
}

/**
 * The last feature maps before the picture is given up: what Grad-CAM weighs.
 * @returns [items, channels, height, width] with more than one place; undefined for a model without convolutions
 */
export const lastFeatureMaps = (logits: Tensor, input: Tensor): Tensor | undefined =>
  learnedTensors(logits, input).findLast(
    ({ shape: [, , height = 1, width = 1], rank }) => rank === 4 && height * width > 1,
  )

/**
 * The features that the last layer reads: how the model sees an item once all but the decision is done.
 * @returns [items, features]; undefined where the logits do not come from a linear layer over learned features
 */
export function lastFeatures(logits: Tensor, input: Tensor): Tensor | undefined {
  const learned = new Set(learnedTensors(logits, input))
  const isProduct = ({ op }: Tensor) => op?.name === 'linear' || op?.name === 'matmul'
  const features = topologicalOrder([logits]).findLast(isProduct)?.inputs[0]
  return features?.rank === 2 && learned.has(features) ? features : undefined
}
