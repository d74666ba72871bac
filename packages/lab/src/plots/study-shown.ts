// What is shown of a study, in the order of reading, before anything is drawn: the report and the lab's page show the
// same.
import { standing } from '../studies/continuation.ts'
import { fewTrialsText } from '../studies/importance/few-trials.ts'
import type { StudyImportance } from '../studies/importance/study-importance.ts'
import { variedNames } from '../studies/space/space.ts'
import type { Trial } from '../studies/trial.ts'
import { drawnText, MOST_DOTS, MOST_LINES, type FiguredStudy } from './study-points.ts'

/** What a figure shows of a study. */
export type ShownFigure =
  | { readonly kind: 'front' }
  | { readonly kind: 'history'; readonly objective: number }
  | { readonly kind: 'intermediate' }
  /** Shares by parameter, for each method. */
  | { readonly kind: 'importance'; readonly objective: number; readonly methods: StudyImportance[number] }
  | { readonly kind: 'parallel' }
  | { readonly kind: 'slice'; readonly parameter: string }
  | { readonly kind: 'contour'; readonly x: string; readonly y: string }

/** A part of what is shown of a study: figures under a heading, with how to read them. */
export interface ShownSection {
  readonly title: string
  readonly text: string
  readonly figures: readonly { readonly name: string; readonly shown: ShownFigure }[]
}

/** Contours are drawn for so many of the most important parameters in pairs that so many trials have both of. */
const CONTOURED = 3
const CONTOUR_TRIALS = 8

/** {@link fewTrialsText} behind other sentences. */
function littleText(trials: number, axes: number): string {
  const said = fewTrialsText(trials, axes)
  return said === '' ? '' : ` ${said}`
}

/**
 * Every section that a study has enough trials for; the same in the report and in the lab. None before the first
 * complete trial.
 * @param importance as {@link studyImportance} finds it; without it, what needs it is left out
 */
export function shownSections(study: FiguredStudy, importance?: StudyImportance): ShownSection[] {
  const complete = standing(study.trials).filter(
    ({ state, values }) => state === 'complete' && values?.every(Number.isFinite),
  )
  if (complete.length === 0) return []
  const many = complete.length > 1 && variedNames(study.space).length > 0
  return [
    ...onTheWay(study),
    ...(many && importance ? [importanceSection(study, importance, complete.length)] : []),
    ...(many ? inTheSpace(study, complete) : []),
    ...(many && importance ? contours(study, complete, importance) : []),
  ].filter(({ figures }) => figures.length > 0)
}

/** A figure for each objective. */
const eachObjective = (
  { objectives }: FiguredStudy,
  name: string,
  shown: (objective: number) => ShownFigure,
): ShownSection['figures'] =>
  objectives.map((title, objective) => ({
    name: objectives.length > 1 ? `${name}-${title}` : name, shown: shown(objective),
  }))

/** How the study went: the front, the history, the trials on their way. */
function onTheWay(study: FiguredStudy): ShownSection[] {
  const { directions, trials } = study
  const count = standing(trials).length
  const front = {
    title: 'Front',
    text: 'The trials that no other one beats in every objective: choose among them.',
    figures: [{ name: 'front', shown: { kind: 'front' as const } }],
  }
  const history = {
    title: 'History',
    text:
      'Each dot is a trial. The line is the best so far: where it is flat for long, more trials bring little. ' +
      'Rings are trials that were stopped early; those far behind stand at the edge.' +
      drawnText(count, MOST_DOTS),
    figures: eachObjective(study, 'history', objective => ({ kind: 'history', objective })),
  }
  const intermediate = {
    title: 'Intermediate values',
    text:
      'Each line is a trial on its way, the better the stronger; a dot ends those that were stopped early.' +
      drawnText(count, MOST_LINES),
    figures: [{ name: 'intermediate-values', shown: { kind: 'intermediate' as const } }],
  }
  const reports = trials.some(({ intermediateValues }) => intermediateValues.size > 1)
  return [...(directions.length > 1 ? [front] : []), history, ...(reports ? [intermediate] : [])]
}

const importanceSection = (study: FiguredStudy, importance: StudyImportance, trials: number): ShownSection => ({
  title: 'Importance',
  text:
    'PED-ANOVA: what tells the best tenth of the trials from all. fANOVA: what explains the variance over the space.' +
    littleText(trials, variedNames(study.space).length),
  figures: eachObjective(study, 'importance', objective => ({
    kind: 'importance', objective, methods: importance[objective] ?? {},
  })),
})

/** Where in the space the trials lie. */
function inTheSpace(study: FiguredStudy, complete: readonly Trial[]): ShownSection[] {
  const many = study.objectives.length > 1
  return [
    {
      title: 'Parallel coordinates',
      text:
        `Each line is a trial, from its parameters to ${many ? 'its values' : 'its value'}; the best stand out` +
        `${many ? `, by ${study.objectives[0] ?? 'value'}` : ''}. The better end of a value's axis is up, or right ` +
        'where the axes lie, and says so. A line is dotted over a parameter that its trial does not have.' +
        drawnText(complete.length, MOST_LINES) +
        littleText(complete.length, variedNames(study.space).length),
      figures: [{ name: 'parallel-coordinates', shown: { kind: 'parallel' } }],
    },
    {
      title: 'Slices',
      text:
        'Each parameter by itself; later trials are deeper. A good range at the edge asks for a wider ' +
        `range.${drawnText(complete.length, MOST_DOTS)}`,
      figures: variedNames(study.space).map(name => ({
        name: `slice-${name}`, shown: { kind: 'slice' as const, parameter: name },
      })),
    },
  ]
}

/** The most important parameters in pairs. */
function contours(study: FiguredStudy, complete: readonly Trial[], importance: StudyImportance): ShownSection[] {
  const names = variedNames(study.space)
  const has = (trial: Trial, name: string) => Object.hasOwn(trial.params, name)
  const shared = (x: string, y: string) => complete.filter(trial => has(trial, x) && has(trial, y)).length
  const most = Object.keys(importance[0]?.['PED-ANOVA'] ?? {})
    .filter(name => names.includes(name) && study.space[name]?.kind !== 'categorical')
    .slice(0, CONTOURED)
  const pairs = most.flatMap((x, i) => most.slice(i + 1).map(y => [x, y] as const))
  return [
    {
      title: 'Contours',
      text:
        'The most important parameters in pairs: deeper where both together are good. Far from all trials the shade ' +
        'is the middle one, for nothing is known there.',
      figures: pairs
        .filter(([x, y]) => shared(x, y) >= CONTOUR_TRIALS)
        .map(([x, y]) => ({
          name: `contour-${x}-${y}`, shown: { kind: 'contour' as const, x, y },
        })),
    },
  ]
}
