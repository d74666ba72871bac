// A confusion matrix as a table of shaded cells.
import { axisX, axisY, cell, text } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import { classificationReport } from './classification-report.ts'
import type { ConfusionMatrix } from './confusion-matrix.ts'
import { mostConfusedPairs } from './most-confused-pairs.ts'
import { FIGURE_OPTIONS, drawFigure, textWidth, type FigureOptions } from '../../plots/draw-figure.ts'
import { RIGHT_COLOUR, WRONG_COLOUR } from '../../plots/palette.ts'

// From here on a cell is dark enough on a light page for white text.
const DEEP = 0.62

/**
 * Rows are true classes, columns predicted ones; the shade is the share of the row, the number the count. Right answers
 * are blue; mistakes are orange on a scale of their own (their largest share is the deepest), or a good model's few
 * mistakes could not be seen. Above 25 classes the counts are left out.
 */
export function confusionFigure(matrix: ConfusionMatrix, options: FigureOptions = {}): string {
  checkOptions('confusionFigure', options, FIGURE_OPTIONS)
  const { classes } = matrix
  const n = classes.length
  const longest = Math.max(...classes.map(name => textWidth(name)))
  const marginLeft = Math.min(130, longest + 34)
  const rotated = longest > 34
  const marginBottom = (rotated ? Math.min(110, longest * 0.75 + 14) : 22) + 22
  const side = Math.max(n > 25 ? 5 : 26, Math.min(46, Math.floor(460 / n)))
  const width = options.width ?? Math.max(300, Math.ceil(marginLeft + 16 + n * side))
  const height = options.height ?? Math.ceil(n * side + 12 + marginBottom)
  const cells = cellsOf(matrix)
  // Every label of a few classes; of many, as many as fit.
  const every = Math.ceil(n / 34)
  const ticks = classes.map((_, c) => c).filter(c => c % every === 0)
  const name = (c: number) => classes[c] ?? ''
  const [worst] = mostConfusedPairs(matrix, 1)
  const title = options.title ?? 'Confusion matrix'
  return drawFigure({
    document: options.document,
    title: title || 'Confusion matrix',
    heading: title,
    description:
      options.description ??
      `${matrix.total} items in ${n} classes, accuracy ${(100 * classificationReport(matrix).accuracy).toFixed(2)} %. ${
        worst
          ? `Most confused: ${worst.truthName} taken for ${worst.predictionName}, ${worst.count} times.`
          : 'No mistakes.'
      }`,
    width,
    height,
    plot: {
      marginTop: 6,
      marginLeft,
      marginBottom,
      marginRight: 10,
      padding: n > 25 ? 0 : 0.06,
      x: { type: 'band', domain: classes.map((_, c) => c), label: null },
      y: { type: 'band', domain: classes.map((_, c) => c), label: null },
    },
    marks: [
      ...axesOf({ ticks, name, rotated, marginLeft, marginBottom }),
      cell(cells, { x: 'prediction', y: 'truth', fill: 'currentColor', fillOpacity: 0.045 }),
      cell(
        cells.filter(({ count }) => count > 0),
        {
          x: 'prediction',
          y: 'truth',
          fill: 'colour',
          fillOpacity: 'depth',
          title: ({ truth, prediction, count }: ShadedCell) =>
            `${name(truth)} predicted as ${name(prediction)}: ${count}`,
        },
      ),
      ...(n > 25
        ? []
        : [false, true].map(deep =>
            text(
              cells.filter(({ count, depth }) => count > 0 && depth > DEEP === deep),
              {
                x: 'prediction',
                y: 'truth',
                text: 'count',
                fontSize: side < 32 ? 9 : 11,
                fill: deep ? '#ffffff' : 'currentColor',
              },
            ),
          )),
    ],
  })
}

/** A pair of classes: how often the one was taken for the other, and how deep that is shaded. */
interface ShadedCell {
  readonly truth: number
  readonly prediction: number
  readonly count: number
  readonly depth: number
  readonly colour: string
}

function cellsOf(matrix: ConfusionMatrix): ShadedCell[] {
  const { classes, counts } = matrix
  const n = classes.length
  const report = classificationReport(matrix)
  const shares = Array.from(counts, (count, i) => {
    const support = report.classes[Math.floor(i / n)]?.support ?? 0
    return support === 0 ? 0 : count / support
  })
  const largestMistake = shares.reduce(
    (largest, share, i) => (Math.floor(i / n) === i % n ? largest : Math.max(largest, share)),
    0,
  )
  return Array.from(counts, (count, i) => {
    const right = Math.floor(i / n) === i % n
    const share = shares[i] ?? 0
    const depth = right ? share : largestMistake === 0 ? 0 : (0.85 * share) / largestMistake
    return { truth: Math.floor(i / n), prediction: i % n, count, depth, colour: right ? RIGHT_COLOUR : WRONG_COLOUR }
  })
}

/** How rows and columns are named. */
interface NamedAxes {
  readonly ticks: readonly number[]
  readonly name: (index: number) => string
  readonly rotated: boolean
  readonly marginLeft: number
  readonly marginBottom: number
}

const axesOf = ({ ticks, name, rotated, marginLeft, marginBottom }: NamedAxes) => [
  axisX({
    ticks,
    tickFormat: name,
    tickSize: 0,
    tickRotate: rotated ? -45 : 0,
    label: 'predicted',
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: marginBottom - 4,
  }),
  axisY({
    ticks,
    tickFormat: name,
    tickSize: 0,
    label: 'true',
    labelAnchor: 'center',
    labelArrow: 'none',
    labelOffset: marginLeft - 6,
  }),
]
