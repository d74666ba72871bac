// ddlf compare <run...>: the settings that differ, the curves, and how far the figures can be trusted.
import path from 'node:path'
import { extremes, metricNames, metricSeries, sparkline } from '@ddlf/lab'
import { compareStoredRuns, openOutput, writeOutputFile, type RunComparison } from '@ddlf/lab/node'
import { pc } from '../terminal/colour.ts'
import {
  formatMetric, formatNumber, formatTable, metricOf, shownSetting, terminalWidth, wrapText,
} from '../terminal/format.ts'

/** The options of the command. */
export interface CompareOptions {
  readonly metric?: string
  readonly out?: string
  readonly force?: boolean
  readonly runs: string
  readonly json?: boolean
}

const heading = (text: string) => console.log(`\n${pc.bold(text)}`)

/** The shortest way to tell the runs apart in a column. */
const shortName = (name: string) => name.split('/').at(-1) ?? name

function printCurves({ runs, metric }: RunComparison): void {
  const described = runs.flatMap(run => run.described)
  const names = metricNames(...runs.map(run => run.metrics))
  const shown = new Set(['train/loss', 'validation/loss', 'test/loss', metric])
  for (const name of [...shown].filter(one => names.includes(one))) {
    const series = runs.map(run => metricSeries(run.metrics, name).value)
    const finite = series.flat().filter(Number.isFinite)
    if (finite.length === 0) continue
    const [low, high] = extremes(finite)
    const scale = { low, high }
    heading(`${name}  ${pc.dim(`on one scale, ${formatNumber(scale.low)} to ${formatNumber(scale.high)}`)}`)
    console.log(formatTable(['run', 'first', 'last', ''], runs.map(({ name: run }, i) => {
      const values = series[i] ?? []
      const show = (value: number | undefined) =>
        value === undefined ? '-' : formatMetric(metricOf(described, name), value)
      return [
        shortName(run),
        show(values[0]),
        show(values.at(-1)),
        sparkline(values, { width: Math.max(8, Math.min(40, terminalWidth() - 42)), ...scale }),
      ]
    }), [1, 2]))
  }
}

function printComparison(comparison: RunComparison): void {
  const { runs, settings, groups, metric, test } = comparison
  heading('Settings that differ')
  if (settings.length === 0) console.log('none')
  else {
    const cell = (value: unknown) => (value === undefined ? '-' : shownSetting(value))
    // The longer side downwards.
    console.log(
      runs.length > settings.length
        ? formatTable(
            ['run', ...settings.map(({ setting }) => setting)],
            runs.map(({ name }, i) => [shortName(name), ...settings.map(({ values }) => cell(values[i]))]),
          )
        : formatTable(
            ['setting', ...runs.map(({ name }) => shortName(name))],
            settings.map(({ setting, values }) => [setting, ...values.map(cell)]),
          ),
    )
  }
  heading('Results')
  const described = runs.flatMap(run => run.described)
  const judged = metricOf(described, metric)
  const show = (name: string, value: number | undefined) =>
    value === undefined ? '-' : formatMetric(metricOf(described, name), value)
  const between = ({ low, high }: { readonly low: number; readonly high: number }) =>
    `${formatMetric(judged, low)} to ${formatMetric(judged, high)}`
  const intervals = runs.some(({ interval }) => interval)
  const [part = 'test'] = metric.split('/')
  const wanted = [metric, `${part}/${described[0]?.name ?? ''}`, 'test/loss', 'validation/loss', 'epoch/loss']
  const columns = [...new Set(wanted)].filter(name =>
    runs.some(({ last }) => last[name] !== undefined),
  )
  console.log(
    formatTable(
      [
        'run',
        ...columns.map(name => (name === 'epoch/loss' ? 'train/loss' : name)),
        ...(intervals ? [`95 % interval of the ${judged.title}`] : []),
      ],
      runs.map(({ name, last, interval }) => [
        shortName(name),
        ...columns.map(column => show(column, last[column])),
        ...(intervals ? [interval ? between(interval) : '-'] : []),
      ]),
      columns.map((_, i) => i + 1),
    ),
  )
  if (groups.some(group => group.runs.length > 1)) {
    heading(`${metric} over seeds`)
    console.log(
      formatTable(
        ['group', 'seeds', 'mean', '95 % interval of the mean'],
        groups.map(({ label, seeds, mean, interval }) => [
          label,
          String(seeds),
          seeds > 0 ? formatMetric(judged, mean) : '-',
          interval ? between(interval) : seeds > 1 ? 'not finite' : seeds === 1 ? 'one seed' : 'none finished',
        ]),
        [1, 2],
      ),
    )
  }
  if (comparison.unfinished.length > 0) {
    const named = comparison.unfinished.map(({ name, status }) => `${shortName(name)} (${status})`).join(', ')
    console.log(`\n${wrapText(`Not counted in means and tests, for they have not finished: ${named}`)}`)
  }
  if (test) {
    const { meanDifference, pairs, pValue, floor } = test
    console.log(
      `\nFirst minus second, seed by seed: ${meanDifference < 0 ? '' : '+'}${formatMetric(judged, meanDifference)} ` +
      `over ${pairs} seeds; sign-flip test p = ${formatNumber(pValue)}` +
        (pValue <= floor * 1.0001 ? ` (the least that ${pairs} seeds can give)` : ''),
    )
  }
}

async function drawCurves({ groups, metric }: RunComparison): Promise<string> {
  const [{ curveFigure }, { figureDocument }] = await Promise.all([
    import('@ddlf/lab/plots'),
    import('@ddlf/lab/figure-document'),
  ])
  const series = groups.map(({ label, runs }) => ({
    name: label,
    runs: runs.map(({ metrics, seed }) => {
      const { epoch, value } = metricSeries(metrics, metric)
      return { x: epoch, y: value, seed }
    }),
  }))
  return curveFigure(series, {
    document: figureDocument(),
    title: `${metric} by epoch`,
    xLabel: 'epoch',
    yLabel: metric,
    width: 720,
    height: 400,
  })
}

/** Does what `ddlf compare` is asked for. */
export async function compareAction(
  references: readonly string[],
  { metric, out, force = false, runs: root, json = false }: CompareOptions,
): Promise<void> {
  const file = out ?? path.join(root, 'comparison.svg')
  const write = out === undefined
    ? (svg: string) => { writeOutputFile(file, svg) }
    : openOutput(out, { force, example: 'comparison.svg' })
  const comparison = compareStoredRuns(root, references, metric)
  write(await drawCurves(comparison))
  if (json) {
    const { runs, unfinished, groups, ...rest } = comparison
    const plain = runs.map(({ name, seed, status, last, interval, testExamples }) => ({
      name,
      seed,
      status,
      last,
      interval,
      testExamples,
    }))
    console.log(
      JSON.stringify(
        {
          ...rest,
          runs: plain,
          unfinished: unfinished.map(({ name }) => name),
          groups: groups.map(({ finished, ...group }) => ({
            ...group,
            runs: group.runs.map(({ name }) => name),
            finished: finished.map(({ name }) => name),
          })),
          figure: file,
        },
        null,
        2,
      ),
    )
    return
  }
  printComparison(comparison)
  printCurves(comparison)
  console.log(`\n${pc.dim(`${comparison.metric} as a figure: ${file}`)}`)
  console.log(`\n${wrapText(comparison.sentence)}`)
}
