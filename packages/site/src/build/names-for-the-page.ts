// Puts the first names beside the built pages, so that a net can learn them at a click.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadDataset } from '@ddlf/data/node'
import type { AstroIntegration } from 'astro'

/** Writes `data/first-names.txt`, one name a line. Where they cannot be had, pages are built without them. */
export const namesForThePage = (): AstroIntegration => ({
  name: 'names-for-the-page',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const folder = join(fileURLToPath(dir), 'data')
      try {
        const { text } = await loadDataset('first-names', { split: 'all' })
        const names = text?.['text'] ?? []
        await mkdir(folder, { recursive: true })
        await writeFile(join(folder, 'first-names.txt'), `${names.join('\n')}\n`)
        logger.info(`${names.length} first names`)
      } catch (error) {
        logger.warn(`No first names: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  },
})
