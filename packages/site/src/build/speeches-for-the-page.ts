// Puts speeches beside the built pages as numbers of words, so that vectors can be learned from them at a click.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadDataset } from '@ddlf/data/node'
import { knownWords, numbersOf, plainWords } from '@ddlf/lab'
import type { AstroIntegration } from 'astro'

/** Speeches of these years are recent enough to be recognised, and few enough to be fetched. */
const FIRST_YEAR = 1993
/** Words that stand there less often get no vector. */
const MIN_COUNT = 8

/**
 * Writes `data/speeches.json` (the words, most frequent first, and the length of each speech) and `data/speeches.bin`
 * (uint16, little-endian: the words of all speeches). Where they cannot be had, pages are built without them.
 */
export const speechesForThePage = (): AstroIntegration => ({
  name: 'speeches-for-the-page',
  hooks: {
    'astro:build:done': async ({ dir, logger }) => {
      const folder = join(fileURLToPath(dir), 'data')
      try {
        const { text, columns } = await loadDataset('sotu', { split: 'all' })
        const recent = (text?.['text'] ?? []).filter((_, i) => (columns['years']?.data[i] ?? 0) >= FIRST_YEAR)
        const speeches = recent.map(plainWords)
        const known = knownWords(speeches, { minCount: MIN_COUNT, vocabularySize: 0 })
        const numbers = numbersOf(speeches, known)
        const bytes = Buffer.concat(numbers.map(one => Buffer.from(Uint16Array.from(one).buffer)))
        await mkdir(folder, { recursive: true })
        const about = { words: known.words, lengths: numbers.map(({ length }) => length), from: FIRST_YEAR }
        await writeFile(join(folder, 'speeches.json'), JSON.stringify(about))
        await writeFile(join(folder, 'speeches.bin'), bytes)
        logger.info(`${speeches.length} speeches, ${bytes.length / 2} words, ${known.words.length} different ones`)
      } catch (error) {
        logger.warn(`No speeches: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  },
})
