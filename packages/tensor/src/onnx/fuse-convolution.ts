// What the native convolutions compute on the way: an activation of their result, and the sum with another tensor.
import { BLOCKED_DOMAIN, type Emitter } from './emitter.ts'
import type { NodeProto } from './generated/onnx_pb.ts'

/**
 * The native convolution that makes a value, when it may do more: nothing else reads the value, and it does not
 * activate it yet.
 */
function fusable(emitter: Emitter, value: string): NodeProto | undefined {
  const node = emitter.soleMaker(value)
  const activated = node?.attribute.some(({ name }) => name === 'activation') === true
  return node?.opType === 'Conv' && node.domain === BLOCKED_DOMAIN && !activated ? node : undefined
}

/** The same convolution with more inputs or attributes; the original goes when nothing reads it any more. */
function repeated(
  emitter: Emitter,
  node: NodeProto,
  inputs: readonly string[],
  channels: number,
  activation?: string,
): string {
  const output = emitter.freshName('Conv')
  emitter.addNode('Conv', inputs, [output], activation === undefined ? {} : { activation }, BLOCKED_DOMAIN)
  emitter.nodes.at(-1)?.attribute.push(...node.attribute)
  return emitter.unblocked(output, channels)
}

/** max(x, 0) as part of the native convolution that makes x; `undefined` where there is none. */
export function reluInConvolution(emitter: Emitter, x: string, channels: number): string | undefined {
  const node = fusable(emitter, x)
  return node && repeated(emitter, node, node.input, channels, 'Relu')
}

/** a + b, whole tensors, as part of the native convolution that makes one of them; `undefined` where there is none. */
export function addInConvolution(
  emitter: Emitter,
  [a, b]: readonly [string, string],
  channels: number,
): string | undefined {
  for (const [made, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const node = fusable(emitter, made)
    // The fourth input is what is added.
    if (node && node.input.length <= 3) {
      return repeated(
        emitter,
        node,
        [...node.input, ...(node.input.length === 2 ? [''] : []), emitter.blocked(other)],
        channels,
      )
    }
  }
  return undefined
}
