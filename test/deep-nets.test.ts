// The two deep nets that learn in the page of Days 7-10: the plain one stays where it began, the other learns.
import { expect, it } from 'vitest'
import { normals, randomKey } from '@ddlf/tensor/random'
import { deepNets } from '../packages/site/src/workers/deep-nets.ts'
import { PIXELS, type Digits } from '../packages/site/src/workers/digits.ts'

/** Made-up digits: each class lights a stripe of its own, with noise over it. */
function stripes(count: number): Digits {
  const noise = normals(randomKey(1, 'stripes'), count * PIXELS, 0, 20)
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10)
  const images = Uint8Array.from({ length: count * PIXELS }, (_, at) => {
    const [label, row] = [labels[Math.floor(at / PIXELS)] ?? 0, Math.floor((at % PIXELS) / 28)]
    const ink = row >= 2 * label + 4 && row < 2 * label + 6 ? 200 : 40
    return Math.max(0, Math.min(255, ink + (noise[at] ?? 0)))
  })
  return { images, labels }
}

it('learn side by side: 16 plain blocks keep guessing where shortcuts let the loss fall', async () => {
  const losses = new Map<string, number>()
  for (const [passage, net] of await deepNets(stripes(100), 16)) {
    await net.learn(15)
    losses.set(passage, await net.learn(5))
  }
  expect(losses.get('plain')).toBeGreaterThan(2.2)
  expect(losses.get('shortcuts')).toBeLessThan(1.5)
}, 60_000)
