// Parallel coordinates in the one hand: axes side by side, on a phone below one another; each trial is a line.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { DOTTED_BELOW, parallelLines, type Brush, type FiguredStudy } from '@ddlf/lab/study-figures'
import { fitting } from '../fitting.ts'
import { dotMarkup } from '../plane-chart.ts'
import { numberMarkup } from '../ticks.ts'
import { tenths } from '../tenths.ts'

/** Pixels that an axis needs beside the next. */
const LEAST_APART = 110
const WIDE_HEIGHT = 320
const STACKED = { first: 44, apart: 62, left: 8, right: 10, below: 26 } as const
const EDGE = { top: 46, bottom: 24 } as const
/** Of the worst trial: among many it is a shade, of few it is a line. */
const LEAST_STRENGTH = { many: 0.12, few: 0.4 } as const
/** Of what is not brushed. */
export const DIM = 0.06

/** Where the axes lie, in pixels. */
export interface ParallelFrame {
  readonly axes: readonly string[]
  readonly width: number
  readonly height: number
  readonly isStacked: boolean
  /** The place of a share of an axis. */
  readonly at: (axis: string, share: number) => readonly [x: number, y: number]
}

/** Lays the axes out. */
export function parallelFrame(axes: readonly string[], width: number): ParallelFrame {
  const isStacked = width < LEAST_APART * axes.length
  if (isStacked) {
    const { first, apart, left, right, below } = STACKED
    return {
      axes, width, isStacked,
      height: first + apart * (axes.length - 1) + below,
      at: (axis, share) => [left + share * (width - left - right), first + apart * axes.indexOf(axis)],
    }
  }
  const step = width / axes.length
  return {
    axes, width, isStacked,
    height: WIDE_HEIGHT,
    at: (axis, share) => [
      step * (axes.indexOf(axis) + 0.5), WIDE_HEIGHT - EDGE.bottom - share * (WIDE_HEIGHT - EDGE.top - EDGE.bottom),
    ],
  }
}

/** The axis next to a place of the drawing, and the share along it, 0 to 1. */
export function placeOnAxis(
  { axes, isStacked, at }: ParallelFrame,
  [x, y]: readonly [x: number, y: number],
): { readonly axis: string; readonly share: number } {
  const across = (axis: string) => Math.abs(isStacked ? at(axis, 0)[1] - y : at(axis, 0)[0] - x)
  const axis = axes.reduce((best, one) => (across(one) < across(best) ? one : best), axes[0] ?? '')
  const [from, to] = [at(axis, 0), at(axis, 1)]
  const share = isStacked ? (x - from[0]) / (to[0] - from[0]) : (y - from[1]) / (to[1] - from[1])
  return { axis, share: Math.min(1, Math.max(0, share)) }
}

const axesMarkup = ({ axes, at }: ParallelFrame): string =>
  axes.map(axis => {
    const [[x, y], [toX, toY]] = [at(axis, 0), at(axis, 1)]
    return `<path class="axis" d="M${tenths(x)} ${tenths(y)}L${tenths(toX)} ${tenths(toY)}"/>`
  }).join('')

function namesMarkup({ axes, at, isStacked, width }: ParallelFrame): string {
  const room = isStacked ? width - STACKED.left : width / axes.length - 8
  return axes.map(axis => {
    const [x, y] = at(axis, 0)
    const place = isStacked ? `x="${x}" y="${y - 11}"` : `x="${tenths(x)}" y="14" text-anchor="middle"`
    return `<text class="title" ${place}>${escapeMarkup(fitting(axis, room))}</text>`
  }).join('')
}

const wordMarkup = (word: string) => numberMarkup(escapeMarkup(word))

function wordsMarkup(frame: ParallelFrame, words: ReturnType<typeof parallelLines>['words']): string {
  const { at, isStacked, width, axes } = frame
  return words.map(({ axis, share, words: text }) => {
    const [x, y] = at(axis, share)
    const beside = words.filter(one => one.axis === axis).length
    const word = fitting(text, isStacked ? width / beside - 8 : width / axes.length - 14)
    if (isStacked) {
      const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle'
      return `<text x="${tenths(x)}" y="${y + 17}" text-anchor="${anchor}">${wordMarkup(word)}</text>`
    }
    if (share === 0 || share === 1) {
      const place = `x="${tenths(x)}" y="${tenths(share === 0 ? y + 17 : y - 7)}"`
      return `<text ${place} text-anchor="middle">${wordMarkup(word)}</text>`
    }
    const inside = wordMarkup(fitting(word, width / axes.length - 24))
    return `<text x="${tenths(x + 7)}" y="${tenths(y + 4)}">${inside}</text>`
  }).join('')
}

function brushMarkup({ at, axes, isStacked }: ParallelFrame, brush: Brush): string {
  return Object.entries(brush).filter(([axis]) => axes.includes(axis)).map(([axis, [low, high]]) => {
    const [[x, y], [toX, toY]] = [at(axis, low), at(axis, high)]
    const box = isStacked
      ? `x="${tenths(x)}" y="${y - 6}" width="${tenths(toX - x)}" height="12"`
      : `x="${tenths(x - 6)}" y="${tenths(toY)}" width="12" height="${tenths(y - toY)}"`
    return `<rect class="brush" ${box}/>`
  }).join('')
}

/**
 * The chart as SVG: the better a trial, the stronger its line; the best has a colour of its own, what is not brushed is
 * dim.
 */
export function parallelChart(study: FiguredStudy, brush: Brush, width: number): string {
  const { axes, lines, count, words } = parallelLines(study, brush)
  const frame = parallelFrame(axes, width)
  const best = lines.at(-1)
  const faintest = LEAST_STRENGTH[count < DOTTED_BELOW ? 'few' : 'many']
  const drawn = lines.map(line => {
    const isBest = line === best
    const opacity = line.isWithin ? (isBest ? 1 : faintest + (0.85 - faintest) * (1 - line.rank) ** 2) : DIM
    const places = line.along.map(({ axis, share }) => ({ index: axes.indexOf(axis), at: frame.at(axis, share) }))
    const steps = places.map(({ index, at: [x, y] }, i) =>
      `${i > 0 && places[i - 1]?.index === index - 1 ? 'L' : 'M'}${tenths(x)} ${tenths(y)}`)
    const colour = `${isBest ? 'series-2 wide' : 'series-1'}" stroke-opacity="${Number(opacity.toFixed(2))}`
    const gaps = line.gaps.map(({ from, to, low, high }) => {
      const [[x, y], [toX, toY]] = [frame.at(from, low), frame.at(to, high)]
      return `<path class="curve gap ${colour}" d="M${tenths(x)} ${tenths(y)}L${tenths(toX)} ${tenths(toY)}"/>`
    })
    const dots = count >= DOTTED_BELOW ? '' : places.map(({ at: [x, y] }) =>
      dotMarkup(x, y, { colour: isBest ? 1 : 0, strength: opacity }, 2.6)).join('')
    return `<path class="curve ${colour}" d="${steps.join('')}"/>${gaps.join('')}${dots}`
  })
  const said =
    `${count} complete trials as lines through ${Object.keys(study.space).join(', ')} to ` +
    `${study.objectives.join(' and ')}, whose best is ` +
    `${frame.isStacked ? 'on the right' : 'at the top'}.`
  return (
    `<svg class="chart parallel" viewBox="0 0 ${width} ${frame.height}" width="${width}" height="${frame.height}"` +
    ` role="img" aria-label="${escapeMarkup(said)}">${axesMarkup(frame)}${brushMarkup(frame, brush)}${drawn.join('')}` +
    `<g class="over-lines">${namesMarkup(frame)}${wordsMarkup(frame, words)}</g></svg>`
  )
}

