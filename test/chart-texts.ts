// The texts of a drawn chart with the room that they are estimated to take.
import { textWidth } from '../packages/site/src/charts/text-width.ts'

export interface DrawnText {
  readonly text: string
  readonly left: number
  readonly right: number
  /** The line that it stands on. */
  readonly y: number
}

/** The size of a drawing. */
export function sizeOf(svg: string): { readonly width: number; readonly height: number } {
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
  return { width: Number(width), height: Number(height) }
}

/** All texts of a drawing. */
export function textsOf(svg: string): DrawnText[] {
  return [...svg.matchAll(/<text([^>]*)>(.*?)<\/text>/g)].map(([, attributes = '', inner = '']) => {
    const at = (name: string) => Number(new RegExp(` ${name}="(-?[\\d.]+)"`).exec(attributes)?.[1])
    const text = inner.replace(/<[^>]+>/g, '').replaceAll(/&(amp|lt|gt|quot|#39);/g, '&')
    const anchor = /text-anchor="(\w+)"/.exec(attributes)?.[1] ?? 'start'
    const left = at('x') - textWidth(text) * { start: 0, middle: 0.5, end: 1 }[anchor as 'start']
    return { text, left, right: left + textWidth(text), y: at('y') }
  })
}

/** Texts that reach out of the drawing. */
export function textsOutside(svg: string): string[] {
  const { width, height } = sizeOf(svg)
  return textsOf(svg)
    .filter(({ left, right, y }) => !(left >= -0.5 && right <= width + 0.5 && y >= 10 && y <= height))
    .map(({ text, left, y }) => `${text} at ${left}, ${y}`)
}

/** Pixels from a line of text up to the top of its digits and capitals. */
const HIGH = 9

/** Pairs of texts that touch. */
export function textsTouching(svg: string): string[] {
  const texts = textsOf(svg)
  return texts.flatMap((one, i) =>
    texts.slice(i + 1)
      .filter(other => one.left < other.right && other.left < one.right && Math.abs(one.y - other.y) < HIGH)
      .map(other => `${one.text} on ${other.text}`))
}
