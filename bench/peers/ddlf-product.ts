// Our runtime's matrix product of 1024 x 1024 x 1024 on two threads.
import { compile, matmul } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'

const SIZE = 1024
const spec = { shape: [SIZE, SIZE] } as const
const product = compile((a, b) => matmul(a, b), [spec, spec], { runtime: onnxNodeRuntime({ threads: 2 }) })
const [a, b] = [7919, 104_729].map(factor =>
  Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(i * factor)),
) as [Float32Array, Float32Array]
/** Milliseconds of measuring, after as many of warming up. */
const PART = 600
let best = Infinity
for (const begun = performance.now(); performance.now() - begun < 2 * PART;) {
  const started = performance.now()
  await product(a, b)
  if (started - begun > PART) best = Math.min(best, performance.now() - started)
}
console.log(
  JSON.stringify({ description: 'ONNX Runtime, copy of the result included', gigaflops: (2 * SIZE ** 3) / best / 1e6 }),
)
