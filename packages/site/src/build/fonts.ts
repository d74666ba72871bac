// The site's three faces, cut to the glyphs and weights that its pages need, before anything else is built.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AstroIntegration } from 'astro'
import subsetFont from 'subset-font'

/** Where the cut faces lie; the styles take them from here by these names. */
const FOLDER = fileURLToPath(new URL('../../.fonts/', import.meta.url))

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('')
/** Letters of names, the signs of measured numbers, and punctuation; none of the faces has arrows. */
const LETTERS = 'ÄÖÜäöüßáàâãåçéèêëíîïñóòôõøúùûýÿčćšžłńőűÁÉÍÓÚŠČŽ'
const GLYPHS = `${printable}${LETTERS}±×·÷µ°²³¹½¼–—‘’“”…•≤≥≈≠−∞§©`
const weights = (min: number, max: number, normal: number) => ({
  variationAxes: { wght: { min, max, default: normal } },
})

const FACES = [
  { name: 'literata', from: 'literata/files/literata-latin-wght-normal.woff2', axes: weights(400, 700, 400) },
  {
    name: 'literata-italic',
    from: 'literata/files/literata-latin-wght-italic.woff2',
    axes: { variationAxes: { wght: 400 } },
  },
  {
    name: 'source-sans',
    from: 'source-sans-3/files/source-sans-3-latin-wght-normal.woff2',
    axes: weights(400, 700, 400),
  },
  {
    name: 'source-code',
    from: 'source-code-pro/files/source-code-pro-latin-wght-normal.woff2',
    axes: weights(400, 600, 400),
  },
] as const

async function cutFaces(): Promise<void> {
  const { resolve } = createRequire(import.meta.url)
  mkdirSync(FOLDER, { recursive: true })
  for (const { name, from, axes } of FACES) {
    const [family = '', ...path] = from.split('/')
    const whole = readFileSync(join(dirname(resolve(`@fontsource-variable/${family}/package.json`)), ...path))
    const key = createHash('sha256').update(whole).update(GLYPHS).update(JSON.stringify(axes)).digest('hex')
    const [file, mark] = [join(FOLDER, `${name}.woff2`), join(FOLDER, `${name}.key`)]
    if (existsSync(file) && existsSync(mark) && readFileSync(mark, 'utf8') === key) continue
    writeFileSync(file, await subsetFont(whole, GLYPHS, { targetFormat: 'woff2', ...axes }))
    writeFileSync(mark, key)
  }
}

/** Cuts the faces once; they are cut again when their source, glyphs or weights change. */
export const fonts = (): AstroIntegration => ({ name: 'fonts', hooks: { 'astro:config:setup': cutFaces } })
