// What the report says of a classifier: which classes it confuses, whether its confidence can be believed, what it got
// most wrong.
import { UserError } from '@ddlf/tensor/errors'
import type { JudgedPart } from '../../data-source/data-source.ts'
import { formatNumber } from '../../plots/draw-figure.ts'
import type { PixelImage } from '../../plots/image-data-uri.ts'
import { imageGridFigure, type ImageTile } from '../../plots/image-grid-figure.ts'
import { keyTable, percent, shorten, table, type DrawOptions, type Section } from '../../plots/report-parts.ts'
import { wilsonInterval } from '../statistics/wilson-interval.ts'
import type { Calibration } from './calibration.ts'
import { classificationReport, formatScore } from './classification-report.ts'
import { confusionFigure } from './confusion-figure.ts'
import type { ConfusionMatrix } from './confusion-matrix.ts'
import { judgedTitle } from './judged-classes.ts'
import { mostConfusedPairs } from './most-confused-pairs.ts'
import { reliabilityFigure } from './reliability-figure.ts'
import type { TopLoss } from './top-losses.ts'

/** What is known of a classifier's answers on the data that judged it; each may be left out. */
export interface ClassifierResults {
  /** The part of its data that judged it; default: test. */
  readonly part?: JudgedPart
  readonly confusion?: ConfusionMatrix
  readonly calibration?: Calibration
  readonly topLosses?: {
    readonly losses: readonly TopLoss[]
    readonly classes: readonly string[]
    /** The picture of each item of `losses`, in the same order. */
    readonly images?: readonly PixelImage[]
    /** The text of each item of `losses`, in the same order. */
    readonly texts?: readonly string[]
  }
}

/** A headline number of the report. */
interface Tile {
  readonly name: string
  readonly value: string
  readonly note: string
}

/** The headline numbers: the error with its interval, macro F1, calibration, log loss. */
export function classifierTiles({ part, confusion, calibration }: ClassifierResults): Tile[] {
  const tiles: Tile[] = []
  if (confusion) {
    const { errors, macro } = classificationReport(confusion)
    const { total } = confusion
    const interval = wilsonInterval(errors, total)
    tiles.push({
      name: judgedTitle(part),
      value: percent(interval.estimate),
      note: `${errors} of ${total}; 95 % interval ${percent(interval.low)} to ${percent(interval.high)}`,
    })
    tiles.push({ name: 'Macro F1', value: macro.f1.toFixed(4), note: 'mean over classes' })
  }
  if (calibration) {
    const { expectedCalibrationError, brierScore, logLoss } = calibration
    tiles.push({
      name: 'Calibration error',
      value: percent(expectedCalibrationError),
      note: `${calibration.bins.length} bins; Brier score ${formatNumber(brierScore)}`,
    })
    tiles.push({ name: 'Log loss', value: formatNumber(logLoss), note: 'nats an item' })
  }
  return tiles
}

/** Which classes are confused, and whether confidence can be believed. */
export const answerSections = (results: ClassifierResults, options: DrawOptions): Section[] => [
  ...classSections(results, options),
  ...calibrationSections(results, options),
]

function classSections({ confusion }: ClassifierResults, options: DrawOptions): Section[] {
  if (!confusion) return []
  const report = classificationReport(confusion)
  const rows = [
    ...report.classes.map(scores => ({ ...scores, strong: false })),
    { name: 'macro average', ...report.macro, strong: true },
    { name: 'weighted average', ...report.weighted, strong: true },
  ]
  const perClass = table(
    'Scores of each class',
    ['class', 'precision', 'recall', 'F1', 'items'],
    rows.map(({ name, precision, recall, f1, support, strong }) => ({
      cells: [name, ...[precision, recall, f1].map(score => formatScore(score)), String(support)],
      strong,
    })),
  )
  const pairs = mostConfusedPairs(confusion, 10)
  const confused = table(
    'Most confused pairs',
    ['true', 'taken for', 'items', 'share of the class'],
    pairs.map(({ truthName, predictionName, count, share }) => ({
      cells: [truthName, predictionName, String(count), percent(share)],
      strong: false,
    })),
    2,
  )
  return [
    {
      id: 'confusion',
      title: 'Which classes are confused',
      text: 'Each row holds the items of one true class, each column what they were taken for. Blue is right; orange ' +
        'marks mistakes, on a scale of their own.',
      figures: [{ name: 'confusion-matrix', svg: confusionFigure(confusion, options) }],
      tables: [...(pairs.length > 0 ? [confused] : []), perClass],
    },
  ]
}

function calibrationSections({ calibration }: ClassifierResults, options: DrawOptions): Section[] {
  if (!calibration) return []
  const { meanConfidence, accuracy, expectedCalibrationError, maximumCalibrationError, brierScore, logLoss } =
    calibration
  const rows: [string, string][] = [
    ['Mean confidence', percent(meanConfidence)],
    ['Accuracy', percent(accuracy)],
    [`Expected calibration error (${calibration.bins.length} bins)`, percent(expectedCalibrationError)],
    ['Largest gap of a bin', percent(maximumCalibrationError)],
    ['Brier score (0 to 2)', brierScore.toFixed(4)],
    ['Log loss (nats)', logLoss.toFixed(4)],
  ]
  return [
    {
      id: 'calibration',
      title: 'Can its confidence be believed',
      text: 'Of all items predicted with 80 % confidence, 80 % should be right. Bars below the diagonal mean that ' +
        'the model is too sure of itself.',
      figures: [{ name: 'reliability', svg: reliabilityFigure(calibration, options) }],
      tables: [keyTable(rows)],
    },
  ]
}

/** The items of the highest loss. @throws UserError where there is not one picture or text for each */
export function topLossSections({ topLosses }: ClassifierResults, options: DrawOptions): Section[] {
  if (!topLosses || topLosses.losses.length === 0) return []
  const { losses, classes, images, texts } = topLosses
  if ((images && images.length !== losses.length) || (texts && texts.length !== losses.length)) {
    throw new UserError({
      rule: 'Top losses need one picture or text for each item.',
      received: `${losses.length} items, ${images?.length ?? 'no'} pictures, ${texts?.length ?? 'no'} texts`,
      next: 'Pick the pictures by the index of each loss.',
    })
  }
  const name = (c: number) => classes[c] ?? String(c)
  const tiles = (images ?? []).map((image, i): ImageTile => {
    const { label, prediction, probability, loss } = losses[i] as TopLoss
    return {
      image,
      caption: [`${name(label)} → ${name(prediction)}`, `p ${probability.toFixed(2)}, loss ${formatNumber(loss)}`],
      correct: label === prediction,
    }
  })
  const rows = losses.map(({ index, label, prediction, probability, labelProbability, loss }, i) => ({
    cells: [
      String(index),
      ...(texts ? [shorten(texts[i] ?? '', 160)] : []),
      name(label),
      name(prediction),
      probability.toFixed(3),
      labelProbability < 0.0005 ? labelProbability.toExponential(0) : labelProbability.toFixed(3),
      loss.toFixed(3),
    ],
    strong: false,
  }))
  return [
    {
      id: 'top-losses',
      title: 'What it got most wrong',
      text: 'The items of the highest loss: true class → predicted class, and how sure the model was. Wrong labels ' +
        'and odd items of the data set often show up here.',
      figures:
        tiles.length > 0
          ? [
              {
                name: 'top-losses',
                svg: imageGridFigure(tiles, {
                  ...options,
                  width: 992,
                  size: 112,
                  title: '',
                  description: 'Items of the highest loss with true and predicted class.',
                }),
              },
            ]
          : [],
      tables:
        tiles.length > 0 && !texts
          ? []
          : [
              table(
                'Highest losses',
                ['item', ...(texts ? ['text'] : []), 'true', 'predicted', 'its p', 'p of the truth', 'loss'],
                rows,
                texts ? 4 : 3,
              ),
            ],
    },
  ]
}
