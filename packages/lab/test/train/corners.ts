// Made data of three classes that a small net learns in a few epochs.
import type { Dataset } from '@ddlf/data'
import { randomKey, uniforms } from '@ddlf/tensor/random'

export const CLASSES = 3

/** Points around three corners, as uint8 "images" of 4 pixels. */
export function corners(name: string, length: number, seed: number): Dataset {
  const noise = uniforms(randomKey(seed), length * 4, -60, 60)
  const labels = Int32Array.from({ length }, (_, i) => i % CLASSES)
  const images = Uint8Array.from(noise, (value, i) => 128 + value + (i % 4 === labels[Math.floor(i / 4)] ? 60 : -20))
  return {
    name,
    length,
    classes: ['a', 'b', 'c'],
    columns: {
      images: { dtype: 'uint8', shape: [1, 2, 2], data: images },
      labels: { dtype: 'int32', shape: [], data: labels },
    },
  }
}
