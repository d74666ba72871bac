// A reliability diagram: how often predictions of a given confidence are right.
import { gridX, gridY, line, rect, ruleX, text } from '@observablehq/plot'
import { checkOptions } from '@ddlf/tensor/errors'
import type { Calibration } from './calibration.ts'
import { FIGURE_OPTIONS, drawFigure, formatNumber, type FigureOptions } from '../../plots/draw-figure.ts'
import { RIGHT_COLOUR, WRONG_COLOUR } from '../../plots/palette.ts'

/**
 * Bars are the accuracy of each bin of confidence, outlined boxes its gap to the confidence (orange where the model is
 * too sure, blue where it is not sure enough), the dashed diagonal a perfectly calibrated model; the strip of numbers
 * above is the share of all items in each bin, in percent. Source: Guo et al., "On calibration of modern neural
 * networks", ICML 2017, figure 1.
 */
export function reliabilityFigure(calibration: Calibration, options: FigureOptions = {}): string {
  checkOptions('reliabilityFigure', options, FIGURE_OPTIONS)
  const { width = 460, height = 400 } = options
  const total = calibration.bins.reduce((sum, bin) => sum + bin.count, 0)
  const bins = calibration.bins
    .filter(bin => bin.count > 0)
    .map(bin => ({
      ...bin,
      solid: Math.min(bin.accuracy, bin.confidence),
      gap: Math.max(bin.accuracy, bin.confidence),
      colour: bin.confidence > bin.accuracy ? WRONG_COLOUR : RIGHT_COLOUR,
      centre: (bin.low + bin.high) / 2,
      top: 1.05,
      percent: formatShare(bin.count / total),
    }))
  const ece = (100 * calibration.expectedCalibrationError).toFixed(2)
  const over = calibration.meanConfidence > calibration.accuracy
  const title = options.title ?? `Reliability: ECE ${ece} %, Brier score ${formatNumber(calibration.brierScore)}`
  return drawFigure({
    document: options.document,
    title: title || 'Reliability diagram',
    heading: title,
    description:
      options.description ??
      `Mean confidence ${(100 * calibration.meanConfidence).toFixed(2)} %, ` +
      `accuracy ${(100 * calibration.accuracy).toFixed(2)} %: the model is ${over ? 'over' : 'under'}confident on ` +
      `average. Expected calibration error ${ece} %, largest gap of a ` +
      `bin ${(100 * calibration.maximumCalibrationError).toFixed(1)} %.`,
    width,
    height,
    legend: [
      { name: 'accuracy', colour: RIGHT_COLOUR },
      { name: 'overconfident by', colour: WRONG_COLOUR, shape: 'outline' },
      { name: 'underconfident by', colour: RIGHT_COLOUR, shape: 'outline' },
      { name: 'perfect calibration', colour: 'currentColor', shape: 'dashed' },
    ],
    plot: {
      marginTop: 8,
      marginLeft: 46,
      marginBottom: 38,
      x: {
        domain: [0, 1],
        label: 'confidence',
        labelArrow: 'none',
        tickFormat: (x: number) => `${Math.round(100 * x)}%`,
      },
      y: {
        domain: [0, 1.1],
        ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
        label: 'accuracy',
        labelArrow: 'none',
        tickFormat: (y: number) => `${Math.round(100 * y)}%`,
      },
    },
    marks: marksOf(bins),
  })
}

const formatShare = (share: number) => (share < 0.005 ? '<1' : `${Math.round(100 * share)}`)

/** A bin of confidence as it is drawn. */
interface DrawnBin {
  readonly low: number
  readonly high: number
  readonly solid: number
  readonly gap: number
  readonly colour: string
  readonly centre: number
  readonly top: number
  readonly percent: string
}

function marksOf(bins: readonly DrawnBin[]) {
  return [
    gridX({ strokeOpacity: 0.06 }),
    gridY({ ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], strokeOpacity: 0.12 }),
    rect(bins, {
      x1: 'low',
      x2: 'high',
      y1: 0,
      y2: 'solid',
      inset: 0.75,
      insetTop: 0,
      insetBottom: 0,
      fill: RIGHT_COLOUR,
      fillOpacity: 0.8,
    }),
    rect(bins, {
      x1: 'low',
      x2: 'high',
      y1: 'solid',
      y2: 'gap',
      inset: 1.25,
      insetTop: 0,
      insetBottom: 0,
      fill: 'colour',
      fillOpacity: 0.25,
      stroke: 'colour',
    }),
    line(
      [
        [0, 0],
        [1, 1],
      ],
      { stroke: 'currentColor', strokeDasharray: '4 3' },
    ),
    ruleX([0], { strokeOpacity: 0.4 }),
    text(bins, { x: 'centre', y: 'top', text: 'percent', fontSize: 9, fillOpacity: 0.75 }),
  ]
}
