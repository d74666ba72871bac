// Folds a scale and shift of each channel into the convolution before it, as inference's batch norm has them.
import { topologicalOrder, type Graph } from '../ir/graph.ts'
import type { Region } from '../ir/region.ts'
import { Tensor } from '../ir/tensor.ts'
import { add, mul } from '../ops/elementwise.ts'
import { reshape } from '../ops/shape.ts'
import { rebuildGraph, rebuildRegion, type Rewriting } from './rebuild.ts'

/** How often each tensor is read, by others and as a result. */
function readersIn({ outputs }: Region): ReadonlyMap<Tensor, number> {
  const readers = new Map<Tensor, number>()
  for (const tensor of [...topologicalOrder(outputs).flatMap(({ inputs }) => inputs), ...outputs]) {
    readers.set(tensor, (readers.get(tensor) ?? 0) + 1)
  }
  return readers
}

function folding(around: Region): Rewriting {
  const readers = readersIn(around)
  return {
    application({ op, inputs: [x, scale, shift, addend] }, _walk, { inputs: [source] }) {
      const convolution = x?.origin?.application
      if (op.name !== 'channelAffine' || convolution?.op.name !== 'conv2d' || !source || readers.get(source) !== 1)
        return undefined
      const [images, weight, bias] = convolution.inputs as [Tensor, Tensor, Tensor?]
      const [factor, offset] = [scale as Tensor, shift as Tensor]
      const scaled = mul(weight, reshape(factor, [factor.size, 1, 1, 1]))
      const operands = [images, scaled, bias ? add(mul(bias, factor), offset) : offset]
      const folded = Tensor.apply(convolution.op, operands, convolution.attributes)
      return [addend ? add(folded, addend) : folded]
    },
    region: region => rebuildRegion(region, folding(region)),
  }
}

/**
 * scale * (w x + b) + shift = (scale * w) x + (scale * b + shift), wherever nothing else reads the convolution's
 * result. The inputs of the graph stay the same leaves in the same order.
 */
export const foldAffine = (graph: Graph): Graph => rebuildGraph(graph, folding(graph))
