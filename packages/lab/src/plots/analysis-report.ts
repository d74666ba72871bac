// One self-contained page that tells what a trained model does: plain results in, HTML and SVG out.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { checkOptions } from '@ddlf/tensor/errors'
import type { FilterGrid } from '../analysis/attribution/first-layer-filters.ts'
import type { AnalysedClassifier } from '../analysis/classification/analyze-classifier.ts'
import { answerSections, classifierTiles, topLossSections } from '../analysis/classification/report-sections.ts'
import type { ActivationHealth } from '../analysis/model/activation-health.ts'
import type { LossSlice, LossSurface } from '../analysis/landscape/loss-slice.ts'
import type { Sharpness } from '../analysis/landscape/sharpness.ts'
import type { LanguageAnalysis } from '../analysis/tokens/language-analysis.ts'
import type { WordAnalysis } from '../analysis/words/word-analysis.ts'
import type { LearningRateSearch } from '../analysis/training/learning-rate-finder.ts'
import { curveFigure, type CurveFigureOptions, type CurveSeries } from './curve-figure.ts'
import { formatNumber } from './draw-figure.ts'
import type { FigureDocument } from './figure-document.ts'
import { filterGridFigure } from './filter-grid-figure.ts'
import { imageGridFigure } from './image-grid-figure.ts'
import { languageSections } from './language-sections.ts'
import { lossSliceFigure } from './loss-slice-figure.ts'
import { fileName, keyTable, percent, table, type DrawOptions, type NamedFigure, type Section } from './report-parts.ts'
import { PAGE_STYLE } from './report-style.ts'
import { scatterFigure } from './scatter-figure.ts'
import { taskSection } from './task-section.ts'
import { wordSections } from './word-sections.ts'
import type { TaskFigure } from '../tasks/task.ts'

export type { Attribution } from '../analysis/classification/explain-classes.ts'
export type { NamedFigure } from './report-parts.ts'

/** The results to show. Everything but the title may be left out, and then its part of the page is left out. */
export interface AnalysisResults extends AnalysedClassifier {
  /** For example the run's experiment and id. */
  readonly title: string
  /** One line under the title, for example the question the experiment asks. */
  readonly subtitle?: string
  /** Headline numbers; the error, its interval and the calibration are added from the results below. */
  readonly metrics?: readonly { readonly name: string; readonly value: string; readonly note?: string }[]
  /** The run's settings. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Where the numbers come from: seed, commit, machine, versions, data checksums. */
  readonly provenance?: Readonly<Record<string, unknown>>
  readonly curves?: readonly {
    readonly title: string
    readonly series: readonly CurveSeries[]
    readonly options?: Omit<CurveFigureOptions, 'document' | 'title'>
  }[]
  /** Predicted numbers beside the right ones, in the order of the part that judged it. */
  readonly regression?: {
    readonly predicted: ArrayLike<number>
    readonly targets: ArrayLike<number>
    readonly target: string
  }
  readonly filters?: FilterGrid
  /** Dead and saturated units, in the order of the forward pass. */
  readonly activations?: readonly ActivationHealth[]
  readonly learningRates?: LearningRateSearch
  readonly sharpness?: readonly Sharpness[]
  readonly lossSlices?: readonly { readonly title: string; readonly slice: LossSlice | LossSurface }[]
  /** Of a model of language. */
  readonly language?: LanguageAnalysis
  /** Of vectors of words. */
  readonly words?: WordAnalysis
  /** What the task has to show. */
  readonly taskFigures?: readonly TaskFigure[]
  /** Further parts: a heading, a text, and figures that are already drawn (trusted SVG). */
  readonly sections?: readonly {
    readonly title: string
    readonly text?: string
    readonly figures?: readonly { readonly name: string; readonly svg: string }[]
    /** Trusted HTML. */
    readonly tables?: readonly string[]
  }[]
}

/**
 * Builds one HTML page from results: no script, no request to anywhere (its content security policy forbids them),
 * light and dark by the reader's system, fit for printing.
 * @param options.document where to create elements; default: the page's `document`. In Node pass `figureDocument()`
 * @returns the page, and its figures as SVG in the order of the page
 * @throws UserError when pictures or texts are not as many as the top losses
 */
export function analysisReport(
  results: AnalysisResults,
  options: { document?: FigureDocument } = {},
): { html: string; figures: NamedFigure[] } {
  checkOptions('analysisReport', options, ['document'])
  const sections = analysisSections(results, options)
  return renderReport(results, sections)
}

/** The sections of a report, each with its figures and tables. */
export function analysisSections(results: AnalysisResults, options: DrawOptions = {}): Section[] {
  checkOptions('analysisSections', options, ['document'])
  return [
    ...curveSections(results, options),
    ...answerSections(results, options),
    ...regressionSections(results, options),
    ...topLossSections(results, options),
    ...weightSections(results, options),
    ...activationSections(results),
    ...attributionSections(results, options),
    ...landscapeSections(results, options),
    ...embeddingSections(results, options),
    ...(results.language ? languageSections(results.language, options) : []),
    ...(results.words ? wordSections(results.words) : []),
    ...(results.taskFigures ?? []).map((one): Section => taskSection(one, options)),
    ...(results.sections ?? []).map((section): Section => ({
      id: fileName(section.title),
      title: section.title,
      text: section.text ?? '',
      figures: section.figures ?? [],
      tables: section.tables ?? [],
    })),
  ]
}

function renderReport(
  results: AnalysisResults,
  sections: readonly Section[],
): { html: string; figures: NamedFigure[] } {
  const settings = Object.entries(results.settings ?? {})
  const provenance = Object.entries(results.provenance ?? {})
  const facts = [
    settings.length > 0 ? `<section id="settings"><h2>Settings</h2>${keyTable(settings)}</section>` : '',
    provenance.length > 0
      ? `<section id="provenance"><h2>Where these numbers come from</h2>${keyTable(provenance)}</section>`
      : '',
  ].join('')
  const links = [
    ...sections.map(({ id, title }) => [id, title] as const),
    ...(settings.length > 0 ? [['settings', 'Settings'] as const] : []),
    ...(provenance.length > 0 ? [['provenance', 'Provenance'] as const] : []),
  ]
  const html = [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" ' +
    'content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src ` +
    `'unsafe-inline'">`,
    `<meta name="color-scheme" content="light ` +
    `dark"><title>${escapeMarkup(results.title)}</title><style>${PAGE_STYLE}</style></head><body><main>`,
    `<header><h1>${escapeMarkup(results.title)}</h1>` +
    `${results.subtitle ? `<p class="subtitle">${escapeMarkup(results.subtitle)}</p>` : ''}</header>`,
    headline(results),
    links.length > 2
      ? '<nav aria-label="Contents">' +
        `${links.map(([id, title]) => `<a href="#${id}">${escapeMarkup(title)}</a>`).join('')}</nav>`
      : '',
    ...sections.map(renderSection),
    facts,
    '</main></body></html>\n',
  ].join('\n')
  return { html, figures: sections.flatMap(section => section.figures) }
}

function headline(results: AnalysisResults): string {
  const tiles = [...(results.metrics ?? []), ...classifierTiles(results)]
  for (const one of results.sharpness ?? []) {
    tiles.push({
      name: 'Sharpness',
      value: formatNumber(one.sharpness),
      note: `percent; ε ${formatNumber(one.epsilon)}, ${one.dimensions} dimensions`,
    })
  }
  if (tiles.length === 0) return ''
  const cards = tiles.map(
    ({ name, value, note }) =>
      `<div><dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}` +
      `${note ? `<small>${escapeMarkup(note)}</small>` : ''}</dd></div>`,
  )
  return `<dl class="headline">${cards.join('')}</dl>`
}

function curveSections({ curves = [] }: AnalysisResults, options: DrawOptions): Section[] {
  if (curves.length === 0) return []
  return [
    {
      id: 'curves',
      title: 'Training',
      text: 'What was measured while the model learned. A training curve that goes on falling while the validation ' +
        'curve rises is overfitting.',
      figures: curves.map(curve => ({
        name: `curve-${fileName(curve.title)}`,
        svg: curveFigure(curve.series, { width: 496, height: 270, ...curve.options, ...options, title: curve.title }),
      })),
      tables: [],
    },
  ]
}

/** Most points that are drawn: more say nothing more. */
const MOST_POINTS = 3000

function regressionSections({ part = 'test', regression }: AnalysisResults, options: DrawOptions): Section[] {
  if (!regression) return []
  const { predicted, targets, target } = regression
  const step = Math.max(1, Math.ceil(targets.length / MOST_POINTS))
  const points = Array.from({ length: Math.ceil(targets.length / step) }, (_, k) => [
    targets[k * step] ?? NaN,
    predicted[k * step] ?? NaN,
  ])
  const title = 'Predicted and true numbers'
  const axes = { xLabel: `${target}, true`, yLabel: `${target}, predicted` }
  return [{
    id: 'regression',
    title,
    text: `Each point is a row of the ${part} part. On the line the prediction is right; above it, it is too large.`,
    figures: [{
      name: 'predicted-against-true',
      svg: scatterFigure(points.flat(), { ...options, width: 496, height: 430, title, ...axes, diagonal: true }),
    }],
    tables: [],
  }]
}

function weightSections({ filters }: AnalysisResults, options: DrawOptions): Section[] {
  if (!filters) return []
  return [
    {
      id: 'filters',
      title: 'What the first layer looks at',
      text: 'The weights of the first layer as pictures: grey is zero, bright excites, dark inhibits. Noise without ' +
        'any pattern means that a filter learned little.',
      figures: [{ name: 'filters', svg: filterGridFigure(filters, { ...options, width: 992, title: '' }) }],
      tables: [],
    },
  ]
}

function activationSections({ part = 'test', activations = [] }: AnalysisResults): Section[] {
  if (activations.length === 0) return []
  const share = (value: number | undefined) => (value === undefined ? '' : percent(value, 1))
  const rows = activations.map(({ layer, kind, units, dead, zero, saturated }) => ({
    cells: [layer, kind, units.toLocaleString('en-US'), share(dead), share(zero), share(saturated)],
    strong: (dead ?? 0) > 0.1 || (saturated ?? 0) > 0.5,
  }))
  return [
    {
      id: 'activations',
      title: 'Units that do nothing',
      text: 'A rectified unit is dead when it is 0 for every item: no gradient reaches it any more. A tanh or ' +
        'sigmoid is saturated where its slope is below a hundredth of its largest: little gradient passes.',
      figures: [],
      tables: [
        table(
          `Activations on ${part} items`,
          ['after the layer', 'activation', 'units', 'dead units', 'values that are 0', 'saturated values'],
          rows,
          2,
        ),
      ],
    },
  ]
}

const METHODS = {
  saliency: {
    id: 'saliency',
    title: 'Which pixels count',
    text: 'Saliency: bright pixels change the score of the class most.',
  },
  gradCam: {
    id: 'grad-cam',
    title: 'Which regions count',
    text: 'Grad-CAM: where the last feature maps speak for the class. The maps are coarse and are enlarged to the ' +
      'picture.',
  },
} as const

function attributionSections({ attribution = [] }: AnalysisResults, options: DrawOptions): Section[] {
  return attribution.filter(({ tiles }) => tiles.length > 0).map(({ method, tiles, check }) => {
    const { id, title, text } = METHODS[method]
    const verdict = check
      ? 'Randomised-weights check: rank correlation with an untrained model ' +
        `${check.correlation.estimate.toFixed(2)} (95 % interval ${check.correlation.low.toFixed(2)} to ` +
        `${check.correlation.high.toFixed(2)}): ${
          check.passed
            ? 'the maps depend on what was learned.'
            : 'the maps look the same without training, so they must not be read as an explanation.'
        }`
      : 'The randomised-weights check was not made, so these maps may show the picture more than the model.'
    return {
      id,
      title,
      text: `${text} ${verdict}`,
      figures: [{ name: id, svg: imageGridFigure(tiles, { ...options, width: 992, title: '' }) }],
      tables: [],
    }
  })
}

function landscapeSections(
  { learningRates, lossSlices = [], sharpness = [] }: AnalysisResults,
  options: DrawOptions,
): Section[] {
  const sections: Section[] = []
  if (learningRates) {
    const { rates, losses, smoothed, suggestion, stopped } = learningRates
    const curves = [
      { name: 'loss of the batch', runs: [{ x: rates, y: losses }], colour: 8 },
      { name: 'smoothed', runs: [{ x: rates, y: smoothed }], colour: 0 },
    ]
    const positions =
      suggestion === undefined ? [] : [{ name: `steepest descent, ${formatNumber(suggestion)}`, value: suggestion }]
    const svg = curveFigure(curves, {
      ...options,
      title: 'Loss by learning rate',
      xLabel: 'learning rate',
      xScale: 'log',
      width: 496,
      height: 270,
      positions,
    })
    sections.push({
      id: 'learning-rates',
      title: 'Learning-rate finder',
      text: `The rate grew from step to ` +
        `step${stopped === 'diverged' ? ' until the loss diverged' : ''}. ` +
        (suggestion === undefined
          ? 'The loss never fell, so no rate is suggested.'
          : `The loss fell fastest at ${formatNumber(suggestion)}.`),
      figures: [{ name: 'learning-rates', svg }],
      tables: [],
    })
  }
  if (lossSlices.length > 0 || sharpness.length > 0) {
    sections.push({
      id: 'landscape',
      title: 'The loss around the solution',
      text: 'How fast the loss rises when the weights are moved away from where training ended. Directions are ' +
        'scaled filter by filter, so that networks can be compared.',
      figures: lossSlices.map(({ title, slice }) => ({
        name: `loss-${fileName(title)}`,
        svg: lossSliceFigure(slice, { ...options, title }),
      })),
      tables:
        sharpness.length > 0
          ? [
              table(
                'Sharpness (Keskar et al. 2017)',
                ['ε', 'dimensions', 'loss', 'largest loss in the box', 'sharpness (%)'],
                sharpness.map(one => ({
                  cells: [
                    formatNumber(one.epsilon),
                    String(one.dimensions),
                    formatNumber(one.loss),
                    formatNumber(one.largestLoss),
                    formatNumber(one.sharpness),
                  ],
                  strong: false,
                })),
                0,
              ),
            ]
          : [],
    })
  }
  return sections
}

function embeddingSections({ embeddings = [] }: AnalysisResults, options: DrawOptions): Section[] {
  if (embeddings.length === 0) return []
  return [
    {
      id: 'embeddings',
      title: 'How it sees the data',
      text: 'The features before the last layer, brought to two dimensions. Neighbours are items that the model sees ' +
        'alike; with UMAP, distances between far groups mean little.',
      figures: embeddings.map(({ title, points, ...how }) => ({
        name: `embedding-${fileName(title)}`,
        svg: scatterFigure(points, { ...options, width: 496, height: 430, title, ...how }),
      })),
      tables: [],
    },
  ]
}

function renderSection({ id, title, text, figures, tables }: Section): string {
  const drawn = figures.map(({ svg }) => `<figure>${svg}</figure>`).join('')
  const besides =
    tables.length === 0
      ? ''
      : `<div class="tables">${tables.map(one => `<div class="table">${one}</div>`).join('')}</div>`
  const paragraph = text === '' ? '' : `<p>${escapeMarkup(text)}</p>`
  return `<section id="${id}"><h2>${escapeMarkup(title)}</h2>${paragraph}<div ` +
    `class="side">${drawn}${besides}</div></section>`
}
