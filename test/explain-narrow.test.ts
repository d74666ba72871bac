// Explaining figures as a phone draws them: laid out for its width, so that their letters keep the size of the page's
// smallest, and none is cropped.
import { describe, expect, it } from 'vitest'
import { BACKWARD_START, BACKWARD_STEPS, drawBackward } from '../packages/site/src/explain/backward.ts'
import { drawPooling, POOLING_LAST, POOLING_START, POOLINGS } from '../packages/site/src/explain/pooling.ts'
import { drawShifted, pictureShare, SHIFTED_START } from '../packages/site/src/explain/shifted.ts'
import { drawSizes, SIZES_START } from '../packages/site/src/explain/sizes.ts'
import { BLOCKS_START, drawBlocks } from '../packages/site/src/explain/through-blocks.ts'
import { drawWindow, OUTPUT, PICTURE, pixelBelow, WINDOW_START } from '../packages/site/src/explain/window.ts'
import { shiftedReaders } from '../packages/site/src/build/lenet-figure.ts'
import { textWidth } from '../packages/site/src/charts/text-width.ts'

/** A phone of 390 pixels, less its margins. */
const PLACE = 358

const drawings: Readonly<Record<string, (narrow: boolean) => string>> = {
  window: narrow => drawWindow({ ...WINDOW_START, step: OUTPUT * OUTPUT - 1 }, narrow),
  sizes: narrow => drawSizes({ ...SIZES_START, padding: 3 }, narrow),
  'through blocks': narrow => drawBlocks(BLOCKS_START, narrow),
  shifted: narrow => drawShifted(shiftedReaders, SHIFTED_START, narrow),
  backward: narrow => drawBackward({ ...BACKWARD_START, x: 2.9, w: -2.9, step: BACKWARD_STEPS }, narrow),
  ...Object.fromEntries(POOLINGS.map(kind => [
    `pooling, ${kind}`, (narrow: boolean) => drawPooling({ ...POOLING_START, kind, step: POOLING_LAST }, narrow),
  ])),
}

/** Texts that reach out of a drawing; those within a group that is moved down are where it is moved to. */
function textsOutside(svg: string): string[] {
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
  let down = 0
  return [...svg.matchAll(/<g transform="translate\(0 ([\d.]+)\)">|(<\/g>)|<text([^>]*)>(.*?)<\/text>/g)].flatMap(
    ([, moved, end, attributes = '', text = '']) => {
      if (moved !== undefined) down = Number(moved)
      if (end !== undefined) down = 0
      if (moved !== undefined || end !== undefined) return []
      const at = (name: string) => Number(new RegExp(` ${name}="(-?[\\d.]+)"`).exec(attributes)?.[1])
      const share = attributes.includes('middle') ? 0.5 : 0
      const left = at('x') - share * textWidth(text)
      const isInside =
        left >= 0 && left + textWidth(text) <= Number(width) && at('y') + down >= 10 && at('y') + down <= Number(height)
      return isInside ? [] : [`${text} at ${left}, ${at('y') + down}`]
    },
  )
}

describe('a figure that explains', () => {
  it.each(Object.entries(drawings))('%s: fits a phone in its own size, and both layouts are whole', (_, draw) => {
    const [, width = NaN] = /viewBox="0 0 ([\d.]+)/.exec(draw(true))?.map(Number) ?? []
    expect(width).toBeLessThanOrEqual(PLACE)
    for (const narrow of [true, false]) {
      expect(draw(narrow)).not.toMatch(/NaN|undefined/)
      expect(textsOutside(draw(narrow))).toEqual([])
    }
  })

  it('finds the pixel below a finger in either layout, and none beside the picture', () => {
    for (const narrow of [true, false]) {
      const [, width = NaN, height = NaN] =
        /viewBox="0 0 ([\d.]+) ([\d.]+)/.exec(drawWindow(WINDOW_START, narrow))?.map(Number) ?? []
      const [, x = NaN, y = NaN, side = NaN] =
        /class="frame" x="(\d+)" y="(\d+)" width="(\d+)"/.exec(drawWindow(WINDOW_START, narrow))?.map(Number) ?? []
      const cell = side / PICTURE
      expect(pixelBelow((x + 2.5 * cell) / width, (y + 13.5 * cell) / height, narrow)).toEqual([
        expect.closeTo(13.5), expect.closeTo(2.5),
      ])
      expect(pixelBelow((x + side + 2) / width, 0.5, narrow)).toBeUndefined()
      expect(pixelBelow(0.1, 0, narrow)).toBeUndefined()
      expect(pictureShare(narrow)).toBeCloseTo(narrow ? 0.4 : 0.39, 1)
    }
  })
})
