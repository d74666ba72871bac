// Puts MNIST beside the built pages, packed, so that a page can train on it: about 11.5 MB instead of 55.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { datasetCard } from '@ddlf/data'
import { acquire } from '@ddlf/data/node'
import type { AstroIntegration } from 'astro'

/**
 * Writes `data/mnist/<file>.packed` for each file of the set. The name does not end in `.gz`, which some hosts would
 * announce as an encoding and unpack on the way.
 */
export const mnistForThePage = (): AstroIntegration => ({
  name: 'mnist-for-the-page',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const folder = join(fileURLToPath(dir), 'data', 'mnist')
      await mkdir(folder, { recursive: true })
      const { files } = await acquire(datasetCard('mnist'))
      for (const { file, path } of files) {
        const kept = fileURLToPath(new URL(`../../node_modules/.cache/mnist/${file.sha256}`, import.meta.url))
        let packed = await stat(kept).then(() => readFile(kept), () => undefined)
        if (packed === undefined) {
          const bytes = await readFile(path)
          packed = file.name.endsWith('.gz') ? bytes : await promisify(gzip)(bytes, { level: 6 })
          await mkdir(join(kept, '..'), { recursive: true })
          await writeFile(kept, packed)
        }
        await writeFile(join(folder, `${file.name.replace(/\.gz$/, '')}.packed`), packed)
      }
      logger.info('MNIST packed')
    },
  },
})
