// One self-contained page about a study: all of its figures, and its trials as a table.
import { escapeMarkup } from '@ddlf/data/escape-markup'
import { checkOptions } from '@ddlf/tensor/errors'
import { continuedBy, standing } from '../studies/continuation.ts'
import { formatParameter } from '../studies/space/space-text.ts'
import { asLoss, type Trial } from '../studies/trial.ts'
import { analysisReport, type NamedFigure } from './analysis-report.ts'
import { formatNumber } from './draw-figure.ts'
import type { FigureDocument } from './figure-document.ts'
import { choiceText, type FiguredStudy } from './study-points.ts'
import { studyFigures } from './study-sections.ts'

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
export function studyReport(
  study: FiguredStudy,
  /** Where to create elements; default: the page's `document`. In Node pass `figureDocument()`. */
  options: { document?: FigureDocument } = {},
): { html: string; figures: NamedFigure[] } {
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
