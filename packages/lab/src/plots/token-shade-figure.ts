// A text whose tokens are shaded by a number each: where a hidden unit is high and where it is low.
// Source: Karpathy, Johnson and Fei-Fei, "Visualizing and understanding recurrent networks", 2015.
import { rect, text as textMark } from '@observablehq/plot'
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { FIGURE_OPTIONS, drawFigure, formatNumber, schemeColours, type FigureOptions } from './draw-figure.ts'
import { inkOn } from './palette.ts'
import { visibleText } from './token-page.ts'

/** Height of a line, and the advance of a character in the font of the tokens. */
const [LINE, ADVANCE, PADDING] = [24, 7.4, 3]

interface Placed {
  readonly x: number
  readonly width: number
  readonly line: number
  readonly label: string
  readonly value: number
  readonly colour: string
}

/** Blanks and line ends are shown. */
const shown = (token: string) => visibleText(token).replaceAll(' ', '\u00b7')

/**
 * @param tokens what is written
 * @param values a number for each token
 * @throws UserError where there are not as many numbers as tokens
 */
export function tokenShadeFigure(
  tokens: readonly string[], values: ArrayLike<number>, options: FigureOptions = {},
): string {
  checkOptions('tokenShadeFigure', options, [...FIGURE_OPTIONS])
  if (tokens.length !== values.length || tokens.length === 0) {
    throw new UserError({
      rule: 'A shaded text has a number for each of its tokens, of which there is one at least.',
      received: `${values.length} numbers for ${tokens.length} tokens`,
    })
  }
  const { width = 496, title = 'Tokens', document } = options
  const numbers = Array.from(values)
  // Both sides on one scale: 0 is the middle.
  const most = Math.max(...numbers.map(Math.abs)) || 1
  const colours = schemeColours('rdbu', 65).reverse()
  const placed: Placed[] = []
  let [x, line] = [0, 0]
  tokens.forEach((token, i) => {
    const label = shown(token)
    const wide = Math.min(width, Array.from(label).length * ADVANCE + 2 * PADDING)
    if (x + wide > width) [x, line] = [0, line + 1]
    const value = numbers[i] as number
    const colour = colours[Math.round(((value / most + 1) / 2) * 64)] ?? '#888888'
    placed.push({ x, width: wide, line, label, value, colour })
    x += wide
    if (token.endsWith('\n')) [x, line] = [0, line + 1]
  })
  const height = options.height ?? LINE * ((placed.at(-1)?.line ?? 0) + 1)
  const highest = placed.reduce((a, b) => (b.value > a.value ? b : a))
  const lowest = placed.reduce((a, b) => (b.value < a.value ? b : a))
  const between = `from ${formatNumber(lowest.value)} at "${lowest.label}" to ${formatNumber(highest.value)}`
  return drawFigure({
    document,
    title,
    heading: title,
    description: options.description ?? `${tokens.length} tokens, ${between} at "${highest.label}".`,
    width,
    height,
    ramp: {
      label: 'value',
      low: formatNumber(-most),
      high: formatNumber(most),
      colours: colours.filter((_, i) => i % 5 === 0),
    },
    plot: {
      axis: null,
      margin: 0,
      x: { domain: [0, width] },
      y: { domain: [0, height], reverse: true },
    },
    marks: [
      rect(placed, {
        x1: 'x',
        x2: (one: Placed) => one.x + one.width - 1,
        y1: (one: Placed) => one.line * LINE + 2,
        y2: (one: Placed) => (one.line + 1) * LINE - 2,
        fill: 'colour',
      }),
      textMark(placed, {
        x: (one: Placed) => one.x + one.width / 2,
        y: (one: Placed) => (one.line + 0.5) * LINE,
        text: 'label',
        fill: (one: Placed) => inkOn(one.colour),
        fontFamily: 'ui-monospace, monospace',
        fontSize: 12,
      }),
    ],
  })
}
