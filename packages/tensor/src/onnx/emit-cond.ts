// The ONNX form of a choice between two computations: an If node, whose branches are graphs inside the node.
import { create } from '@bufbuild/protobuf'
import type { Region } from '../ir/region.ts'
import { emitRegion } from './emit-region.ts'
import { valueInfo, type Emitter } from './emitter.ts'
import { GraphProtoSchema } from './generated/onnx_pb.ts'

/**
 * Emits a choice.
 * @param condition the name of the condition
 * @param captured the names of what the branches read from around them
 * @returns the names of the outputs
 */
export function emitCond(
  emitter: Emitter,
  condition: string,
  captured: readonly string[],
  [whenTrue, whenFalse]: readonly [Region, Region],
): string[] {
  const branch = (region: Region) => {
    const inner = emitter.inside()
    const names = new Map(region.inputs.map((leaf, i) => [leaf, captured[i] as string]))
    const results = emitRegion(region, inner, names, () => emitter.freshName('result'))
    const output = region.outputs.map(({ dtype }, i) => valueInfo(results[i] as string, dtype))
    return { graph: create(GraphProtoSchema, { name: emitter.freshName('branch'), node: inner.nodes, output }) }
  }
  const outputs = whenTrue.outputs.map(() => emitter.freshName('If'))
  emitter.addNode('If', [condition], outputs, { then_branch: branch(whenTrue), else_branch: branch(whenFalse) })
  return outputs
}
