// Puts MNIST beside the built pages in packed shards, so that a page begins to train on the first: 0.5 of 11.5 MB.
import { createHash } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { columnOf, type Dataset } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import type { AstroIntegration } from 'astro'
import { FILES, PIXELS, SHARDS, shardOrder, shardRange } from '../workers/mnist-shards.ts'

const imagesOf = (data: Dataset) => columnOf(data, 'images').data as Uint8Array
const labelsOf = (data: Dataset) => Uint8Array.from(columnOf(data, 'labels').data as ArrayLike<number>)

/** Gzip as small as it gets, kept from build to build by what is packed. */
async function packed(bytes: Uint8Array): Promise<Uint8Array> {
  const name = createHash('sha256').update(bytes).digest('hex')
  const kept = fileURLToPath(new URL(`../../node_modules/.cache/mnist/${name}`, import.meta.url))
  if (await stat(kept).then(() => true, () => false)) return readFile(kept)
  const made = await promisify(gzip)(bytes, { level: 9 })
  await mkdir(join(kept, '..'), { recursive: true })
  await writeFile(kept, made)
  return made
}

/** The shards by the names of their files, not packed yet. */
export function shardsOf(train: Dataset, test: Dataset): Readonly<Record<string, Uint8Array>> {
  const labels = labelsOf(train)
  const order = shardOrder(labels)
  const images = imagesOf(train)
  const shard = (k: number) => {
    const [from, to] = shardRange(k)
    const held = new Uint8Array((to - from) * PIXELS)
    order.subarray(from, to).forEach((digit, i) => {
      held.set(images.subarray(digit * PIXELS, (digit + 1) * PIXELS), i * PIXELS)
    })
    return held
  }
  return {
    [FILES.labels]: Uint8Array.from([...labels, ...labelsOf(test)]),
    [FILES.test]: imagesOf(test),
    ...Object.fromEntries(SHARDS.map((_, k) => [FILES.train(k), shard(k)])),
  }
}

/**
 * Writes `data/mnist/<shard>.packed`. The names do not end in `.gz`, which some hosts would announce as an encoding and
 * unpack on the way.
 */
export const mnistForThePage = (): AstroIntegration => ({
  name: 'mnist-for-the-page',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const folder = join(fileURLToPath(dir), 'data', 'mnist')
      await mkdir(folder, { recursive: true })
      const [train, test] = [
        await loadDataset('mnist', { split: 'train' }), await loadDataset('mnist', { split: 'test' }),
      ]
      for (const [name, bytes] of Object.entries(shardsOf(train, test)))
        await writeFile(join(folder, name), await packed(bytes))
      logger.info(`MNIST packed, in ${SHARDS.length} shards and the test digits`)
    },
  },
})
