// Small data sets that the tests of this package make for themselves.
import { normals, randomKey, uniforms } from '@ddlf/tensor/random'
import type { Dataset } from '../src/index.ts'

/** `length` random grey images of `shape` with labels that go round `classes` classes. */
export function smallImages(length: number, shape: readonly number[] = [1, 5, 4], classes = 3): Dataset {
  const size = shape.reduce((a, b) => a * b, 1)
  const images = Uint8Array.from(uniforms(randomKey(7, 'images'), length * size, 0, 256))
  const labels = Int32Array.from({ length }, (_, i) => i % classes)
  return {
    name: 'small',
    length,
    columns: {
      images: { dtype: 'uint8', shape, data: images },
      labels: { dtype: 'int32', shape: [], data: labels },
      features: { dtype: 'float32', shape: [2], data: normals(randomKey(7, 'features'), length * 2) },
    },
    classes: Array.from({ length: classes }, (_, k) => `class ${k}`),
  }
}

/** The bytes of an IDX file. */
export function idxFile(shape: readonly number[], content: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + content.length)
  bytes.set([0, 0, 8, shape.length])
  const view = new DataView(bytes.buffer)
  for (const [k, extent] of shape.entries()) view.setUint32(4 + 4 * k, extent)
  bytes.set(content, 4 + 4 * shape.length)
  return bytes
}
