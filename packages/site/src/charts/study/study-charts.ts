// What a study measured as charts of the one hand: the data come from the lab's package, the drawing is the pages' own.
import {
  bestSoFar,
  choiceText,
  contourSurface,
  drawnText,
  formatNumber,
  frontOf,
  MOST_DOTS,
  MOST_LINES,
  parameterOf,
  positionOf,
  readableRange,
  reportedLines,
  studyPoints,
  thinned,
  type FiguredStudy,
  type ShownFigure,
} from '@ddlf/lab/study-figures'
import type { BarChart } from '../bar-chart.ts'
import { greatest, least } from '../chart.ts'
import { axisOfValues, type PlaneAxis, type PlaneChart, type PlaneDot } from '../plane-chart.ts'

/** A row of a table: what stands at its beginning, and its values. */
export interface NumbersTable {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A chart of a study, with the numbers that it draws. */
export interface StudyChart {
  readonly chart: PlaneChart | BarChart
  readonly numbers: NumbersTable
}

const stateText = (isComplete: boolean) => (isComplete ? '' : ', stopped early')

/** The values of an objective: those that lie far behind stand at the edge. */
function valueAxis(study: FiguredStudy, objective: number, points: ReturnType<typeof studyPoints>) {
  const { domain, place } = readableRange(points, study.directions[objective] ?? 'minimize')
  const title = study.objectives[objective] ?? 'value'
  return { axis: axisOfValues(title, domain ?? points.map(({ value }) => value)), place }
}

/** A parameter over its whole range. */
function parameterAxis(study: FiguredStudy, name: string): PlaneAxis {
  const parameter = parameterOf(study, name)
  if (parameter.kind === 'categorical') return { title: name, choices: parameter.choices.map(choiceText) }
  const { low, high, log } = parameter
  return { title: name, from: low, to: high, log }
}

function history(study: FiguredStudy, objective: number): StudyChart {
  const points = studyPoints(study, objective)
  const { axis, place } = valueAxis(study, objective, points)
  const best = bestSoFar(study, objective)
  const last = points.at(-1)?.trial.number ?? 1
  const drawn = thinned(points, MOST_DOTS)
  return {
    chart: {
      x: { title: 'trial', from: Math.min(0, points[0]?.trial.number ?? 0), to: Math.max(1, last), log: false },
      y: axis,
      lines: [
        { points: best.map(({ number, value }) => [number, place(value)]), step: 'after', colour: 1, isWide: true },
      ],
      dots: drawn.map(({ trial, value, isComplete }) => ({
        x: trial.number, y: place(value), colour: 0, isRing: !isComplete,
        said: `trial ${trial.number}: ${formatNumber(value)}${stateText(isComplete)}`,
      })),
      keys: [
        { name: 'complete', mark: 'dot', colour: 0 }, { name: 'stopped early', mark: 'ring', colour: 0 },
        { name: 'best so far', mark: 'line', colour: 1 },
      ],
      description:
        `${axis.title} of ${points.length} trials by number; the best complete one has ` +
        `${formatNumber(best.at(-1)?.value ?? Number.NaN)}.${drawnText(points.length, MOST_DOTS)}`,
    },
    numbers: {
      head: ['trial', axis.title, 'how it ended'],
      rows: points.map(({ trial, value }) => [String(trial.number), formatNumber(value), trial.state]),
    },
  }
}

function slice(study: FiguredStudy, name: string): StudyChart {
  const parameter = parameterOf(study, name)
  const points = studyPoints(study)
  const { axis, place } = valueAxis(study, 0, points)
  const most = greatest(points.map(({ trial }) => trial.number), 1)
  const all = points.flatMap(point => {
    const x = positionOf(parameter, point.trial, name)
    return x === undefined ? [] : [{ ...point, x }]
  })
  const dots = thinned(all, MOST_DOTS).map(({ trial, value, isComplete, x }): PlaneDot => ({
    x, y: place(value), colour: 0, isRing: !isComplete, strength: 0.35 + (0.65 * trial.number) / most,
    said: `trial ${trial.number}: ${name} ${choiceText(x)}, ${formatNumber(value)}${stateText(isComplete)}`,
  }))
  return {
    chart: {
      x: parameterAxis(study, name), y: axis, dots,
      description: `${axis.title} of ${all.length} trials by ${name}; later trials are deeper.`,
    },
    numbers: {
      head: ['trial', name, axis.title],
      rows: all.map(({ trial, x, value }) => [String(trial.number), choiceText(x), formatNumber(value)]),
    },
  }
}

function front(study: FiguredStudy): StudyChart {
  const { rows, best } = frontOf(study)
  const [xName = 'first', yName = 'second'] = study.objectives
  const dots = [
    ...thinned(rows.filter(({ isFront }) => !isFront).map(row => ({ ...row, rank: 1 })), MOST_DOTS), ...best,
  ].map(({ number, x, y, isFront }): PlaneDot => ({
    x, y, colour: isFront ? 1 : 0, isRing: !isFront,
    said: `trial ${number}: ${xName} ${formatNumber(x)}, ${yName} ${formatNumber(y)}${isFront ? ', on the front' : ''}`,
  }))
  return {
    chart: {
      x: axisOfValues(xName, rows.map(({ x }) => x)),
      y: axisOfValues(yName, rows.map(({ y }) => y)),
      dots,
      lines: [{
        points: best.map(({ x, y }) => [x, y]), colour: 1,
        step: study.directions[1] === 'minimize' ? 'after' : 'before',
      }],
      keys: [{ name: 'on the front', mark: 'dot', colour: 1 }, { name: 'beaten', mark: 'ring', colour: 0 }],
      description:
        `${rows.length} complete trials by ${xName} and ${yName}; ${best.length} that no other one beats in both.`,
    },
    numbers: {
      head: ['trial', xName, yName, 'on the front'],
      rows: rows.map(({ number, x, y, isFront }) =>
        [String(number), formatNumber(x), formatNumber(y), isFront ? 'yes' : 'no']),
    },
  }
}

/** Best and running trials have colours; of the others none could be told from the next. */
function intermediate(study: FiguredStudy): StudyChart {
  const lines = reportedLines(study)
  const drawn = thinned(lines, MOST_LINES)
  const best = lines.findLast(({ isRunning, isPruned, isValued }) => isValued && !isRunning && !isPruned)
  const title = study.objectives[0] ?? 'value'
  const colourOf = (line: (typeof lines)[number]) => (line.isRunning ? 2 : line === best ? 1 : ('grey' as const))
  const steps = drawn.flatMap(({ points }) => points.map(([step]) => step))
  const last = greatest(steps, steps.length > 0 ? -Infinity : 1)
  const stopped = lines.filter(({ isPruned }) => isPruned).length
  return {
    chart: {
      x: { title: 'step', from: least(steps, last), to: last, log: false },
      y: axisOfValues(title, drawn.flatMap(({ points }) => points.map(([, value]) => value))),
      lines: drawn.map(line => {
        const colour = colourOf(line)
        const look = colour === 'grey' ? { strength: 0.9 - 0.6 * line.rank } : { isWide: true }
        return { points: line.points, colour, ...look }
      }),
      dots: drawn.filter(({ isPruned, points }) => isPruned || points.length < 2).flatMap(line => {
        const [step, value] = line.points.at(-1) ?? []
        if (step === undefined || value === undefined) return []
        const said = `trial ${line.number}: ${formatNumber(value)} at step ${step}${stateText(!line.isPruned)}`
        return [{ x: step, y: value, colour: colourOf(line), said }]
      }),
      keys: [
        ...(best ? [{ name: `trial ${best.number}, the best`, mark: 'line', colour: 1 } as const] : []),
        ...(lines.some(({ isRunning }) => isRunning) ? [{ name: 'running', mark: 'line', colour: 2 } as const] : []),
        { name: 'others', mark: 'line', colour: 'grey' },
        ...(stopped > 0 ? [{ name: 'stopped early', mark: 'dot', colour: 'grey' } as const] : []),
      ],
      description: `${title} by step for ${lines.length} trials, of which ${stopped} were stopped early.`,
    },
    numbers: {
      head: ['trial', 'last step', title],
      rows: lines.toReversed().map(({ number, points }) =>
        [String(number), String(points.at(-1)?.[0] ?? ''), formatNumber(points.at(-1)?.[1] ?? Number.NaN)]),
    },
  }
}

type Methods = Extract<ShownFigure, { kind: 'importance' }>['methods']

function importance(study: FiguredStudy, objective: number, methods: Methods): StudyChart {
  const named = Object.entries(methods).filter(([, shares]) => Object.keys(shares).length > 0)
  const parameters = [...new Set(named.flatMap(([, shares]) => Object.keys(shares)))]
  const text = (share: number) => `${(100 * share).toFixed(1)} %`
  const rows = parameters.map(name => ({ name, values: named.map(([, shares]) => shares[name] ?? 0) }))
  const said = rows.map(({ name, values }) => `${name} ${text(values[0] ?? 0)}`).join(', ')
  return {
    chart: {
      title: `share of the importance for ${study.objectives[objective] ?? 'value'}`,
      series: named.map(([method]) => method), rows, text,
      description: `Importance of the parameters by ${named[0]?.[0] ?? ''}: ${said}.`,
    },
    numbers: {
      head: ['parameter', ...named.map(([method]) => method)],
      rows: rows.map(({ name, values }) => [name, ...values.map(text)]),
    },
  }
}

function contour(study: FiguredStudy, x: string, y: string): StudyChart {
  const { rows, cells } = contourSurface(study, x, y)
  const best = rows.reduce((a, b) => (b.rank < a.rank ? b : a))
  const name = study.objectives[0] ?? 'value'
  const told = (row: (typeof rows)[number]) =>
    `trial ${row.trial.number}: ${x} ${choiceText(row.x)}, ${y} ${choiceText(row.y)}, ${formatNumber(row.value)}`
  return {
    chart: {
      x: parameterAxis(study, x), y: parameterAxis(study, y), isSquare: true,
      ...(cells && { cells }),
      dots: thinned(rows, MOST_DOTS).map(row => ({
        x: row.x, y: row.y, colour: row === best ? 1 : 'ink', strength: row === best ? 1 : 1 - 0.75 * row.rank,
        said: told(row),
      })),
      keys: [
        { name: `trial ${best.trial.number}, the best`, mark: 'dot', colour: 1 },
        { name: 'the stronger, the better', mark: 'dot', colour: 'ink' },
      ],
      description:
        `${name} of ${rows.length} complete trials over ${x} and ${y}; the best, ${formatNumber(best.value)}, ` +
        `at ${choiceText(best.x)} and ${choiceText(best.y)}.`,
    },
    numbers: {
      head: ['trial', x, y, name],
      rows: rows.map(row => [String(row.trial.number), choiceText(row.x), choiceText(row.y), formatNumber(row.value)]),
    },
  }
}

/** The chart of a figure; parallel coordinates are no plane. */
export function studyChart(study: FiguredStudy, shown: Exclude<ShownFigure, { kind: 'parallel' }>): StudyChart {
  if (shown.kind === 'history') return history(study, shown.objective)
  if (shown.kind === 'slice') return slice(study, shown.parameter)
  if (shown.kind === 'front') return front(study)
  if (shown.kind === 'intermediate') return intermediate(study)
  if (shown.kind === 'importance') return importance(study, shown.objective, shown.methods)
  return contour(study, shown.x, shown.y)
}
