// The ONNX form of a scan: a Scan node, whose body is a graph inside the node.
import { create } from '@bufbuild/protobuf'
import type { Region } from '../ir/region.ts'
import type { Tensor } from '../ir/tensor.ts'
import { emitRegion } from './emit-region.ts'
import { valueInfo, type Emitter, type OnnxDType } from './emitter.ts'
import { GraphProtoSchema } from './generated/onnx_pb.ts'

/** What a Scan node has to know. */
interface ScanSettings {
  readonly carries: number
  readonly xs: number
  readonly length: number
  readonly reverse: boolean
}

/**
 * Emits a scan.
 * @param names of the first values of what is carried, of what is read step by step, and of what is captured
 * @returns the names of the outputs: of what is carried, then of what is collected
 */
export function emitScan(
  emitter: Emitter,
  names: readonly string[],
  { carries, xs, length, reverse }: ScanSettings,
  body: Region,
): string[] {
  const own = carries + xs
  const bodyNames = new Map<Tensor, string>(
    body.inputs.map((leaf, i) => [leaf, i < own ? emitter.freshName('body') : (names[i] as string)]),
  )
  const inner = emitter.inside()
  const results = emitRegion(body, inner, bodyNames, () => emitter.freshName('result'))
  // Without shapes: they follow from what the node is given, and a free batch axis stays free.
  const info = (name: string, dtype: OnnxDType) => valueInfo(name, dtype)
  const input = body.inputs.slice(0, own).map(leaf => info(bodyNames.get(leaf) as string, leaf.dtype))
  const read = names.slice(0, own)
  if (xs === 0) {
    // Scan counts its steps by what it reads.
    read.push(emitter.constant(new Uint8Array(length), 'uint8', [length]))
    input.push(info(emitter.freshName('step'), 'uint8'))
  }
  const graph = create(GraphProtoSchema, {
    name: emitter.freshName('scan_body'),
    node: inner.nodes,
    input,
    output: body.outputs.map(({ dtype }, i) => info(results[i] as string, dtype)),
  })
  const outputs = body.outputs.map(() => emitter.freshName('Scan'))
  const backwards = (count: number) => Array.from({ length: count }, () => 1)
  emitter.addNode('Scan', read, outputs, {
    body: { graph },
    num_scan_inputs: Math.max(xs, 1),
    ...(reverse && { scan_input_directions: backwards(Math.max(xs, 1)) }),
    ...(reverse && outputs.length > carries && { scan_output_directions: backwards(outputs.length - carries) }),
  })
  return outputs
}
