// Puts 4,000 digits beside the built pages, small enough to be trained on at a click.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { columnOf } from '@ddlf/data'
import { loadDataset } from '@ddlf/data/node'
import type { AstroIntegration } from 'astro'
import { packDigits, PIXELS, type Digits } from '../workers/digits.ts'

const LEARNED = 3000
const JUDGED = 1000

/** The first digits of a part of MNIST. */
async function digitsOf(split: 'train' | 'test', count: number): Promise<Digits> {
  const data = await loadDataset('mnist', { split })
  const images = columnOf(data, 'images').data as Uint8Array<ArrayBuffer>
  return {
    images: images.slice(0, count * PIXELS),
    labels: Uint8Array.from(columnOf(data, 'labels').data.subarray(0, count) as ArrayLike<number>),
  }
}

/** Writes `data/digits.packed`, gzipped; the name does not say so, as some hosts unpack on the way what says so. */
export const digitsForThePage = (): AstroIntegration => ({
  name: 'digits-for-the-page',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const file = join(fileURLToPath(dir), 'data', 'digits.packed')
      const packed = packDigits(await digitsOf('train', LEARNED), await digitsOf('test', JUDGED))
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, await promisify(gzip)(packed, { level: 9 }))
      logger.info(`${LEARNED} digits to learn from, ${JUDGED} to judge by`)
    },
  },
})
