// Folds a scale and shift of each channel into the convolution before it, as inference's batch norm has them.
import { topologicalOrder, type Graph } from '../ir/graph.ts'
import { Tensor } from '../ir/tensor.ts'
import { add, mul } from '../ops/elementwise.ts'
import { reshape } from '../ops/shape.ts'

/**
 * scale * (w x + b) + shift = (scale * w) x + (scale * b + shift), wherever nothing else reads the convolution's result.
 * The inputs of the graph stay the same leaves in the same order.
 */
export function foldAffine(graph: Graph): Graph {
  const order = topologicalOrder(graph.outputs)
  const readers = new Map<Tensor, number>()
  for (const node of [...order.flatMap(({ origin }) => origin?.inputs ?? []), ...graph.outputs]) readers.set(node, (readers.get(node) ?? 0) + 1)
  const folded = new Map<Tensor, Tensor>()
  for (const node of order) {
    let result = node
    if (node.origin) {
      const { op, attributes } = node.origin
      const inputs = node.origin.inputs.map(input => folded.get(input) as Tensor)
      const [x, scale, shift, addend] = inputs as [Tensor, Tensor, Tensor, Tensor?]
      const source = node.origin.inputs[0]
      if (op.name === 'channelAffine' && source && readers.get(source) === 1 && x.origin?.op.name === 'conv2d') {
        const [images, weight, bias] = x.origin.inputs as [Tensor, Tensor, Tensor?]
        const scaled = mul(weight, reshape(scale, [scale.size, 1, 1, 1]))
        const convolution = Tensor.apply(x.origin.op, [images, scaled, bias ? add(mul(bias, scale), shift) : shift], x.origin.attributes)
        result = addend ? add(convolution, addend) : convolution
      } else if (inputs.some((input, i) => input !== node.origin?.inputs[i])) {
        result = Tensor.apply(op, inputs, attributes)
      }
    }
    folded.set(node, result)
  }
  return { ...graph, outputs: graph.outputs.map(output => folded.get(output) as Tensor) }
}
