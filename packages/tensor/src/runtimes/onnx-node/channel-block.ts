// How many channels the native convolution kernels of this machine keep side by side: 16 with AVX-512, 8 with AVX2.
import * as ort from './onnx-runtime.ts'
import { BLOCKED_DOMAIN, Emitter } from '../../onnx/emitter.ts'
import { encodeModel } from '../../onnx/lower.ts'

let probed: Promise<number> | undefined

/** The block of the blocked layout, found by reordering two pixels once a process; 0 where the kernels do not exist. */
export const channelBlock = (): Promise<number> => (probed ??= probe())

async function probe(): Promise<number> {
  const channels = 64
  const type = { shape: [1, channels, 1, 2], dtype: 'float32' } as const
  const emitter = new Emitter('cpu')
  emitter.node('ReorderInput', ['pixels'], {}, { output: 'blocks', domain: BLOCKED_DOMAIN })
  const bytes = encodeModel('channelBlock', emitter, [{ name: 'pixels', ...type }], [{ name: 'blocks', ...type }])
  try {
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['cpu'], logSeverityLevel: 4 })
    const { blocks } = await session.run({ pixels: new ort.Tensor(
      'float32', Float32Array.from({ length: 2 * channels }, (_, i) => i), type.shape,
    ) })
    await session.release()
    // The second pixel of the first channel follows the first pixel of one block of channels.
    const block = (blocks?.data as Float32Array).indexOf(1)
    return block > 1 ? block : 0
  } catch {
    // This build has no such kernels: convolutions use standard ONNX.
    return 0
  }
}
