// ddlf analyze <run>: one self-contained page about what a trained model does, and its figures as SVG.
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { intakeLine } from '@ddlf/data'
import {
  analyzeRun,
  judgedIn,
  judgedTitle,
  likelihoodText,
  plainClassifier,
  regressionMetrics,
  scoreText,
  type TrainingSettings,
} from '@ddlf/lab'
import {
  isDevice,
  judgedData,
  loadTrainingData,
  movedSettings,
  openOutput,
  openTrainedRun,
  placesOf,
  readRunCurves,
  readRunSummary,
  runPaths,
  runTokenizer,
  runWords,
  writeRunFile,
  type TrainedRun,
} from '@ddlf/lab/node'
import { UserError } from '@ddlf/tensor/errors'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { pc } from '../terminal/colour.ts'
import { formatDuration, formatNumber, formatPercent } from '../terminal/format.ts'
import { warnOfChanges } from '../terminal/data-changes.ts'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface AnalyzeOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly sharpness?: boolean
  readonly landscape?: '1d' | '2d' | true
  readonly words?: string
  readonly out?: string
  readonly force?: boolean
  readonly data?: string
  readonly testData?: string
  readonly json?: boolean
}

const provenanceOf = ({ name, record, checkpoint }: TrainedRun, checkpointName: string): Record<string, unknown> => ({
  run: name,
  checkpoint: `${checkpointName}, step ${checkpoint.loop.globalStep}`,
  seed: record.seed,
  started: record.createdAt,
  command: record.command.join(' '),
  commit: record.git ? `${record.git.commit}${record.git.dirty ? ' with changes' : ''}` : 'not in a git repository',
  machine: record.machine
    ? `${record.machine.cpu}, ${record.machine.cores} processors, ${record.machine.os}`
    : 'unknown',
  versions: Object.entries(record.versions)
    .map(([part, version]) => `${part} ${version}`)
    .join(', '),
  ...Object.fromEntries(
    Object.entries(record.data).map(([file, sha256]) => [`data: ${path.basename(file)}`, `SHA-256 ${sha256}`]),
  ),
})

type Results = Awaited<ReturnType<typeof analyzeRun>>

/** Where a report lies. */
interface WrittenReport {
  readonly page: string
  /** Its figures as SVG. */
  readonly figures: readonly string[]
}

/** Where a report is going to lie, and how its files are written. */
interface ReportPlace {
  readonly page: string
  /** Where its figures go; undefined where the page goes to a device. */
  readonly folder?: string
  readonly write: (file: string, content: string) => void
}

/** The place of a report: looked at before the work of an analysis, so that none is lost. */
function reportPlace(
  { run, experiment }: TrainedRun,
  settings: TrainingSettings,
  { out, force }: { readonly out: string | undefined; readonly force: boolean },
): ReportPlace {
  const page = path.resolve(out ?? path.join(runPaths(run).artifacts, 'analysis.html'))
  const folder = path.join(path.dirname(page), 'figures')
  if (out === undefined) {
    const write = (file: string, content: string) => {
      writeRunFile(run, path.relative(run.folder, file), content)
    }
    return { page, folder, write }
  }
  const options = { force, example: 'analysis.html', reads: Object.values(placesOf(experiment, settings)) }
  openOutput(out, options)
  // A device takes the page alone: nothing can lie beside it.
  if (isDevice(page)) return { page, write: (file, content) => { openOutput(file, options)(content) } }
  if (!force && existsSync(folder) && readdirSync(folder).some(name => name.endsWith('.svg')))
    throw new UserError({
      rule: 'The folder of the figures beside the page holds figures already.',
      received: folder,
      next: 'Give --force to replace them, or name a page in another folder with --out.',
    })
  const write = (file: string, content: string) => {
    openOutput(file, { ...options, makesFolder: true })(content)
  }
  return { page, folder, write }
}

/** Writes the page and its figures. */
async function writeReport(
  trained: TrainedRun,
  checkpoint: string,
  results: Results,
  { page, folder, write }: ReportPlace,
): Promise<WrittenReport> {
  const { experiment, run } = trained
  const seconds = readRunSummary(run)?.seconds
  const time =
    seconds === undefined || seconds === 0
      ? []
      : [{ name: 'Training time', value: formatDuration(seconds), note: trained.record.machine?.cpu ?? '' }]
  // Plot takes a while to load; only this command and compare need it.
  const [{ analysisReport }, { figureDocument }] = await Promise.all([
    import('@ddlf/lab/plots'),
    import('@ddlf/lab/figure-document'),
  ])
  const { html, figures } = analysisReport(
    {
      ...results,
      title: `${experiment.title}: ${run.id}`,
      metrics: [...(results.metrics ?? []), ...time],
      provenance: provenanceOf(trained, checkpoint),
    },
    { document: figureDocument() },
  )
  write(page, html)
  const files =
    folder === undefined ? [] : figures.map(({ name, svg }) => ({ file: path.join(folder, `${name}.svg`), svg }))
  for (const { file, svg } of files) write(file, svg)
  return { page, figures: files.map(({ file }) => file) }
}

/** What a program is told of an analysis. */
function plainResults(results: Results): Record<string, unknown> {
  const { attribution, activations, regression, sharpness, language, words } = results
  return {
    ...(regression && regressionMetrics(regression.predicted, regression.targets)),
    ...plainClassifier({ results }),
    ...(attribution && {
      attribution: attribution.map(({ method, check }) => ({
        method,
        ...(check && { correlationWithUntrained: check.correlation.estimate, passed: check.passed }),
      })),
    }),
    ...(activations && { activations }),
    ...(sharpness && { sharpness }),
    ...(language && {
      tokens: language.tokens,
      ...language.likelihood,
      lossByPosition: language.lossByPosition,
      gradientByDistance: language.reach,
      surprising: language.surprising,
      neighbours: language.neighbours,
    }),
    ...(words && { scores: words.scores, neighbours: words.neighbours }),
  }
}

/** The words of a list with commas. @throws UserError where there are none */
function wordsIn(list: string): string[] {
  const words = list.split(',').map(word => word.trim()).filter(word => word !== '')
  if (words.length > 0) return words
  throw new UserError({
    rule: '--words takes words with commas between them.', received: JSON.stringify(list),
    next: 'Example: --words ship,sea,harbour',
  })
}

/** Prints what people and vectors say, and words that are near each other. */
function printWords({ scores, neighbours }: NonNullable<Results['words']>): void {
  for (const score of scores) console.log(scoreText(score))
  const widest = Math.max(...neighbours.map(({ word }) => word.length))
  for (const { word, near, asked } of neighbours) {
    const how = asked === 'by its letters' ? pc.dim('  (unknown: by its letters)') : ''
    console.log(`${pc.bold(word.padEnd(widest))}  ${near.map(one => one.word).join(', ')}${how}`)
  }
}

/** Prints what an analysis found. */
function printResults(results: Results, examples: number): void {
  const { part = 'test', calibration, activations, regression, sharpness, language, words } = results
  if (regression) {
    const { r2, mae, rmse } = regressionMetrics(regression.predicted, regression.targets)
    const errors = `mean absolute error ${formatNumber(mae)}, root mean squared error ${formatNumber(rmse)}`
    console.log(`${pc.bold(`R2 ${Number.isFinite(r2) ? r2.toFixed(4) : '-'}`)} on ${examples} ${part} rows, ${errors}`)
  }
  const judged = judgedIn({ results })
  if (judged) {
    const { estimate, low, high } = judged.error
    const interval = `95 % interval ${formatPercent(low)} to ${formatPercent(high)}`
    console.log(
      `${pc.bold(`${judgedTitle(part)} ${formatPercent(estimate)}`)}  (${interval}), ` +
        `macro F1 ${judged.macro.f1.toFixed(4)}`,
    )
  }
  if (calibration) {
    const error = formatPercent(calibration.expectedCalibrationError)
    console.log(`Calibration error ${error}, Brier score ${calibration.brierScore.toFixed(4)}`)
  }
  const sick = (activations ?? []).filter(({ dead = 0, saturated = 0 }) => dead > 0 || saturated > 0.5)
  for (const { layer, kind, dead, saturated } of sick) {
    const what =
      dead === undefined
        ? `${formatPercent(saturated ?? 0)} of the values saturated`
        : `${formatPercent(dead)} of the units dead`
    console.log(`After ${layer} (${kind}): ${what}`)
  }
  if (language) {
    const { lossByPosition: losses, tokens, likelihood } = language
    console.log(likelihoodText(tokens, likelihood))
    const shown = [1, 4, 16, 64, 256, 1024].filter(seen => Number.isFinite(losses[seen - 1]))
    const said = shown.map(seen => `${formatNumber(losses[seen - 1] ?? NaN)} after ${seen}`).join(', ')
    console.log(`Loss in nats by how many tokens were seen, over ${tokens} tokens: ${said}`)
  }
  if (words) printWords(words)
  for (const { epsilon, sharpness: value } of sharpness ?? [])
    console.log(`Sharpness ${value.toFixed(2)} % at epsilon ${epsilon}`)
}

/** Does what `ddlf analyze` is asked for. */
export async function analyzeAction(
  reference: string,
  options: AnalyzeOptions,
): Promise<void> {
  const { runs, checkpoint, sharpness = false, landscape, out, force = false, data, testData, json = false } = options
  const asked = options.words === undefined ? undefined : wordsIn(options.words)
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  const { experiment, model, run, name } = trained
  const settings = movedSettings(trained.experiment, trained.settings, { data, testData })
  const place = reportPlace(trained, settings, { out, force })
  const parts = await loadTrainingData(experiment, settings, { of: trained })
  const { train, changes = [] } = parts
  const { part, dataset: test } = judgedData(experiment, settings, parts)
  warnOfChanges(changes)
  if (!json && train.intake) console.log(pc.dim(intakeLine(train.intake)))
  const tokenizer = experiment.task.views?.text && (await runTokenizer(trained))
  const words = runWords(trained)
  const metrics = readRunCurves(run)
  const results = await analyzeRun(
    { experiment, settings, model, metrics, train, test, runtime: onnxNodeRuntime(), tokenizer, words },
    {
      sharpness,
      ...(landscape !== undefined && { landscape: landscape === true ? '1d' as const : landscape }),
      ...(asked && { words: asked }),
    },
  )
  const { page, figures } = await writeReport(trained, checkpoint, results, place)
  if (json) {
    const said = { run: name, checkpoint, page, figures, split: part, ...plainResults(results) }
    console.log(JSON.stringify(said, null, 2))
    return
  }
  printResults(results, test.length)
  console.log(`\nReport  ${path.relative('', page)}\n${pc.dim(`open ${pathToFileURL(page).href}`)}`)
  if (place.folder !== undefined)
    console.log(pc.dim(`${figures.length} figures as SVG in ${path.relative('', place.folder)}`))
}
