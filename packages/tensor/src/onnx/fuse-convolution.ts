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

/** Whether a native convolution does nothing but scale and shift each channel: it has no other attributes then. */
const isAffine = ({ input, attribute }: NodeProto, channels: number): boolean =>
  input.length === 3 && attribute.length === 2 &&
  attribute.some(({ name, i }) => name === 'group' && Number(i) === channels) &&
  attribute.some(({ name, ints }) => name === 'kernel_shape' && ints.every(size => size === 1n))

/**
 * (scale x + shift) + other, where `other` is read again: scale x, then other * 1 + shift + scale x in that result's
 * memory. The kernel copies what it adds where it is still needed, on one thread: on two, this takes half the time. The
 * numbers are the same, bit for bit.
 */
function addIntoAffine(emitter: Emitter, { input: [x, scale, shift] }: NodeProto, other: string, channels: number) {
  const attributes = { kernel_shape: [1, 1], group: channels }
  const scaled = emitter.native('Conv', [x as string, scale as string], attributes)
  const operands = [emitter.blocked(other), emitter.depthwiseOnes(channels), shift as string, scaled]
  return emitter.unblocked(emitter.native('Conv', operands, attributes), channels)
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
    if (node && isAffine(node, channels) && emitter.isReadElsewhere(other)) {
      return addIntoAffine(emitter, node, other, channels)
    }
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
