// Large drawings become files of their own: a page fetches one when it is opened or comes near.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'

const FOLDER = 'drawings'
/** Pages are rendered in one process with the builder, but from modules of their own: this is where the two meet. */
const KEY = Symbol.for('ddlf.drawings')
const shared = globalThis as typeof globalThis & { [KEY]?: Map<string, string> }
const drawings = shared[KEY] ?? new Map<string, string>()
shared[KEY] = drawings

/** Keeps a drawing for the built site. @returns its path below the site's base */
export function keepDrawing(svg: string): string {
  const name = `${createHash('sha256').update(svg).digest('hex').slice(0, 16)}.svg`
  drawings.set(name, svg)
  return `/${FOLDER}/${name}`
}

/** Writes what the pages kept. */
export const drawingsForThePages = (): AstroIntegration => ({
  name: 'drawings',
  hooks: {
    'astro:build:done': async ({ dir }) => {
      const folder = join(fileURLToPath(dir), FOLDER)
      await mkdir(folder, { recursive: true })
      for (const [name, svg] of drawings) await writeFile(join(folder, name), svg)
    },
  },
})
