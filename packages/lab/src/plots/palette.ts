// Colours that can be read on a light and on a dark page alike.

/**
 * Series colours, those of the course's pages made fit for both papers: each has a contrast of at least 3 : 1 against
 * white and against #0d1117, and all stay apart in normal, protan, deutan and tritan sight (tests check both).
 */
export const SERIES_COLOURS = ['#2e69b2', '#d26c28', '#289f9f', '#b63132', '#be69f7'] as const

/** Of what is no series, and of more series than colours can tell apart. */
export const GREY_COLOUR = '#7a7f87'

/** Colour of the `index`-th series; they repeat after five, where {@link isSecondRound} gives them another shape. */
export const seriesColour = (index: number): string =>
  SERIES_COLOURS[index % SERIES_COLOURS.length] ?? SERIES_COLOURS[0]

/** Whether a series has the colour of an earlier one: it is drawn hollow, or dashed. */
export const isSecondRound = (index: number): boolean => Math.floor(index / SERIES_COLOURS.length) % 2 === 1

/** Correct and wrong, told apart by more than red and green. */
export const RIGHT_COLOUR = SERIES_COLOURS[0]
export const WRONG_COLOUR = SERIES_COLOURS[1]

/** Relative luminance of '#rrggbb' or 'rgb(r, g, b)', 0 (black) .. 1 (white); source: WCAG 2.2. */
export function luminance(colour: string): number {
  const channels = colour.startsWith('#')
    ? [1, 3, 5].map(start => parseInt(colour.slice(start, start + 2), 16))
    : (colour.match(/\d+/g) ?? []).slice(0, 3).map(Number)
  const [red = 0, green = 0, blue = 0] = channels.map(value => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Black or white, whichever reads better on the colour. */
export const inkOn = (colour: string): string => (luminance(colour) > 0.179 ? '#000000' : '#ffffff')
