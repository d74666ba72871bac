// One self-contained page about a study: all of its figures, and its trials as a table.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { checkOptions } from '@ddlf/tensor/errors'
import { continuedBy, standing } from '../studies/continuation.ts'
import { fanova } from '../studies/importance/fanova.ts'
import { pedAnova } from '../studies/importance/ped-anova.ts'
import { formatParameter } from '../studies/space/space-text.ts'
import { variedNames } from '../studies/space/space.ts'
import { asLoss, type Trial } from '../studies/trial.ts'
import { analysisReport, type NamedFigure } from './analysis-report.ts'
import { formatNumber } from './draw-figure.ts'
import type { FigureDocument } from './figure-document.ts'
import { studyContourFigure } from './study-contour-figure.ts'
import { studyHistoryFigure } from './study-history-figure.ts'
import { studyImportanceFigure } from './study-importance-figure.ts'
import { studyIntermediateFigure } from './study-intermediate-figure.ts'
import { studyParallelFigure } from './study-parallel-figure.ts'
import { studyParetoFigure } from './study-pareto-figure.ts'
import { choiceText, type FiguredStudy } from './study-points.ts'
import { studySliceFigure } from './study-slice-figure.ts'

/** A part of what is shown of a study: figures under a heading, with how to read them. */
export interface StudySection {
  readonly title: string
  readonly text: string
  readonly figures: readonly NamedFigure[]
}

/** Contours are drawn for so many of the most important parameters in pairs that so many trials have both of. */
const CONTOURED = 3
const CONTOUR_TRIALS = 8

interface Options {
  /** Where to create elements; default: the page's `document`. In Node pass `figureDocument()`. */
  document?: FigureDocument
}

/** Importance by both methods, for an objective. */
const importanceOf = ({ trials, directions }: FiguredStudy, objective: number) => {
  const options = { direction: directions[objective] ?? 'minimize', objective } as const
  return { 'PED-ANOVA': pedAnova(standing(trials), options), 'fANOVA': fanova(standing(trials), options) }
}

/**
 * Every figure that a study has enough trials for, in the order of reading; the same in the report and in the lab.
 * None before the first complete trial.
 */
export function studyFigures(study: FiguredStudy, options: Options = {}): StudySection[] {
  checkOptions('studyFigures', options, ['document'])
  const complete = standing(study.trials).filter(
    ({ state, values }) => state === 'complete' && values?.every(Number.isFinite),
  )
  if (complete.length === 0) return []
  const names = variedNames(study.space)
  const sections: StudySection[] = []
  const add = (title: string, text: string, figures: readonly NamedFigure[]) => {
    if (figures.length > 0) sections.push({ title, text, figures })
  }
  const each = (draw: (objective: number) => string, name: string) =>
    study.objectives.map((objective, i) => ({
      name: study.objectives.length > 1 ? `${name}-${objective}` : name,
      svg: draw(i),
    }))
  if (study.directions.length > 1) {
    add('Front', 'The trials that no other one beats in every objective: choose among them.', [
      { name: 'front', svg: studyParetoFigure(study, options) },
    ])
  }
  add(
    'History',
    'Each dot is a trial. The line is the best so far: where it is flat for long, more trials bring little.',
    each(
      objective => studyHistoryFigure(study, { ...options, objective, title: study.objectives[objective] ?? '' }),
      'history',
    ),
  )
  if (study.trials.some(({ intermediateValues }) => intermediateValues.size > 1)) {
    add(
      'Intermediate values',
      'Each line is a trial on its way, the best ones dark; a dot ends those that were stopped early.',
      [{ name: 'intermediate-values', svg: studyIntermediateFigure(study, options) }],
    )
  }
  if (complete.length < 2 || names.length === 0) return sections
  const importance = study.objectives.map((_, i) => importanceOf(study, i))
  add(
    'Importance',
    'PED-ANOVA: what tells the best tenth of the trials from all. fANOVA: what explains the variance over the space.',
    each(
      objective =>
        studyImportanceFigure(importance[objective] ?? {}, { ...options, title: study.objectives[objective] ?? '' }),
      'importance',
    ),
  )
  add(
    'Parallel coordinates',
    'Each line is a trial, from its parameters to its value; the best are dark.',
    each(
      objective => studyParallelFigure(study, { ...options, objective, title: study.objectives[objective] ?? '' }),
      'parallel-coordinates',
    ),
  )
  add(
    'Slices',
    'Each parameter by itself; later trials are darker. A good range at the edge of its axis asks for a wider range.',
    names.map(name => ({ name: `slice-${name}`, svg: studySliceFigure(study, name, options) })),
  )
  const has = (trial: Trial, name: string) => Object.hasOwn(trial.params, name)
  const shared = (x: string, y: string) => complete.filter(trial => has(trial, x) && has(trial, y)).length
  const most = Object.keys(importance[0]?.['PED-ANOVA'] ?? {})
    .filter(name => names.includes(name) && study.space[name]?.kind !== 'categorical')
    .slice(0, CONTOURED)
  add(
    'Contours',
    'The most important parameters in pairs: where both together are good.',
    most.flatMap((x, i) =>
      most
        .slice(i + 1)
        .filter(y => shared(x, y) >= CONTOUR_TRIALS)
        .map(y => ({ name: `contour-${x}-${y}`, svg: studyContourFigure(study, x, y, options) })),
    ),
  )
  return sections
}

/** Trials as an HTML table, best first. */
function trialsTable({ trials, directions, objectives }: FiguredStudy): string {
  const direction = directions[0] ?? 'minimize'
  const place = (trial: Trial) => (trial.state === 'complete' ? 0 : trial.state === 'pruned' ? 1 : 2)
  const loss = (trial: Trial) => asLoss(trial.values?.[0] ?? NaN, direction)
  const ordered = standing(trials).toSorted((a, b) => place(a) - place(b) || loss(a) - loss(b) || a.number - b.number)
  const names = [...new Set(trials.flatMap(({ params }) => Object.keys(params)))]
  const cell = (text: string) => `<td>${escapeMarkup(text)}</td>`
  const rows = ordered.map(trial => {
    const from = continuedBy(trial)
    const runs = Array.isArray(trial.userAttributes['runs']) ? (trial.userAttributes['runs'] as string[]).join(' ') : ''
    const cells = [
      String(trial.number),
      from === undefined ? trial.state : `${trial.state}, from ${from}`,
      ...objectives.map((_, i) => (trial.values?.[i] === undefined ? '-' : formatNumber(trial.values[i]))),
      ...names.map(name => choiceText(trial.params[name])),
      String(trial.intermediateValues.size),
      runs,
    ]
    return `<tr>${cells.map(cell).join('')}</tr>`
  })
  const head = ['trial', 'state', ...objectives, ...names, 'steps', 'run']
    .map(text => `<th scope="col">${escapeMarkup(text)}</th>`)
    .join('')
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

/**
 * Builds one HTML page about a study: no script, no request to anywhere, light and dark, fit for printing.
 * @returns the page, and its figures as SVG in the order of the page
 */
export function studyReport(study: FiguredStudy, options: Options = {}): { html: string; figures: NamedFigure[] } {
  checkOptions('studyReport', options, ['document'])
  const current = standing(study.trials)
  const count = (state: Trial['state']) => current.filter(trial => trial.state === state).length
  const complete = current.filter(({ state }) => state === 'complete')
  const loss = (trial: Trial) => asLoss(trial.values?.[0] ?? NaN, study.directions[0] ?? 'minimize')
  const best = study.directions.length > 1 ? undefined : complete.toSorted((a, b) => loss(a) - loss(b))[0]
  const text =
    complete.length === 0 ? 'No trial is complete yet.' : 'Best first; what was stopped early or failed stands behind.'
  return analysisReport(
    {
      title: study.name,
      subtitle: `A study of ${current.length} trials: ${Object.entries(study.space)
        .map(([name, parameter]) => formatParameter(name, parameter))
        .join('; ')}`,
      metrics: [
        ...(best
          ? [
              {
                name: study.objectives[0] ?? 'value',
                value: formatNumber(best.values?.[0] ?? NaN),
                note: `trial ${best.number}, the best of ${complete.length}: partly luck`,
              },
            ]
          : []),
        { name: 'Complete', value: String(count('complete')) },
        { name: 'Pruned', value: String(count('pruned')) },
        { name: 'Failed', value: String(count('failed')) },
      ],
      sections: [...studyFigures(study, options), { title: 'Trials', text, tables: [trialsTable(study)] }],
    },
    options,
  )
}
