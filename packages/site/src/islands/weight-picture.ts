// Weights as pictures: orange where ink speaks for it, blue where ink speaks against it, paper where it does not
// matter.

/** The page's colours as numbers, whichever theme is on. */
function colour(name: string): readonly [number, number, number] {
  const probe = document.createElement('i')
  probe.style.color = `var(${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  const [r = 0, g = 0, b = 0] = (color.match(/[\d.]+/g) ?? []).map(Number)
  return [r, g, b]
}

/** The three colours between which weights are drawn. */
export interface WeightColours {
  readonly more: readonly [number, number, number]
  readonly less: readonly [number, number, number]
  readonly paper: readonly [number, number, number]
  readonly ink: readonly [number, number, number]
}

export const weightColours = (): WeightColours => ({
  more: colour('--more'),
  less: colour('--less'),
  paper: colour('--paper'),
  ink: colour('--ink'),
})

/**
 * Draws values at a place of a canvas, one pixel each.
 * @param peak the value that has the full colour, default the largest
 */
export function drawWeights(
  context: CanvasRenderingContext2D,
  values: ArrayLike<number>,
  side: number,
  [left, top]: readonly [number, number],
  colours: WeightColours,
  peak = Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1,
): void {
  const image = context.createImageData(side, side)
  for (let i = 0; i < side * side; i++) {
    const share = Math.max(-1, Math.min(1, (values[i] ?? 0) / peak))
    const hue = share > 0 ? colours.more : colours.less
    const mixed = hue.map(
      (channel, c) => (colours.paper[c] ?? 0) + (channel - (colours.paper[c] ?? 0)) * Math.abs(share),
    )
    image.data.set([...mixed, 255], i * 4)
  }
  context.putImageData(image, left, top)
}

/** Draws a digit, ink on paper. */
export function drawInk(
  context: CanvasRenderingContext2D,
  grey: ArrayLike<number>,
  side: number,
  [left, top]: readonly [number, number],
  { paper, ink }: WeightColours,
): void {
  const image = context.createImageData(side, side)
  for (let i = 0; i < side * side; i++) {
    const share = (grey[i] ?? 0) / 255
    image.data.set([...ink.map((channel, c) => (paper[c] ?? 0) + (channel - (paper[c] ?? 0)) * share), 255], i * 4)
  }
  context.putImageData(image, left, top)
}
