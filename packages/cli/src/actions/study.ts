// ddlf study: what studies there are, and what they found.
import path from 'node:path'
import {
  asLoss,
  fanova,
  fewTrialsText,
  formatParameter,
  givenSettings,
  parseSettings,
  pedAnova,
  standing,
  trialSettings,
  variedNames,
  type Choice,
  type Metric,
  type Trial,
} from '@ddlf/lab'
import {
  changeNotes,
  confirmationsOf,
  openOutput,
  readStudies,
  readStudy,
  runsOfTrial,
  runsPlace,
  runsWords,
  studyNames,
  tuningOf,
  writeOutputFile,
  type StudyRecord,
  type TuningRecord,
  studiesWords,
} from '@ddlf/lab/node'
import { figureDocument } from '@ddlf/lab/figure-document'
import { UserError } from '@ddlf/tensor/errors'
import { recordStudy } from '../record-study.ts'
import { pc } from '../terminal/colour.ts'
import { pathWord, suggest, trainingWords } from '../terminal/command-line.ts'
import { formatPercent, formatTable, wrapText } from '../terminal/format.ts'
import { barOf } from '../terminal/items-printer.ts'
import { countsText, namedValuesText, paramsText, trialsTable, valuesText } from '../terminal/study-text.ts'
import { printConfirmation } from './tune-confirm.ts'

/** The options of most verbs. */
export interface StudyOptions {
  readonly studies: string
  readonly json?: boolean
}

const namesOf = (metrics: readonly Metric[]) => metrics.map(({ name }) => name)

/** JSON in which a number that JSON has no notation for, such as an infinite loss, is a text: "Infinity". */
const jsonText = (value: unknown): string => {
  const told = (_: string, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item)
  return JSON.stringify(value, told, 2)
}

const numbersOf = (trials: readonly Trial[]) => trials.map(({ number }) => number)

/** A trial as a plain object. */
const plain = (trial: Trial, objectives: readonly Metric[]) => ({
  number: trial.number,
  state: trial.state,
  params: trial.params,
  values:
    trial.values === undefined
      ? null
      : Object.fromEntries(objectives.map(({ name }, i) => [name, trial.values?.[i] ?? null])),
  steps: Object.fromEntries(trial.intermediateValues),
  runs: runsOfTrial(trial),
  startedAt: trial.startedAt,
  completedAt: trial.completedAt,
  attributes: trial.userAttributes,
})

const plainStudy = (study: StudyRecord) => {
  const { metrics: objectives } = study
  const { name, directions, space, attributes, running, trials, best, front } = study
  return {
    name,
    directions,
    objectives: namesOf(objectives),
    space,
    attributes,
    running,
    best: best?.number ?? null,
    front: numbersOf(front),
    trials: trials.map(trial => plain(trial, objectives)),
  }
}

export interface StudyShowOptions extends StudyOptions {
  readonly limit: number
  readonly sort: string
}

export interface StudyReportOptions extends StudyOptions {
  readonly out?: string
  readonly force?: boolean
}

export interface StudyExportOptions extends StudyReportOptions {
  readonly format: 'csv' | 'json'
}

/** The studies of a folder that can be read; of the others it is said why not. */
function readable(root: string): StudyRecord[] {
  return studyNames(root).flatMap(name => {
    try {
      return readStudies(root, name)
    } catch (error) {
      // Journals come from anywhere: whatever is wrong with one keeps none of the others from the list.
      const { rule, received } = error instanceof UserError ? error.parts : { rule: String(error), received: undefined }
      console.error(wrapText([`${name} cannot be read: ${rule}`, received].filter(Boolean).join(' ')))
      return []
    }
  })
}

/** Does what `ddlf study list` is asked for. */
export function listAction({ studies: root, json = false }: StudyOptions): void {
  const found = readable(root)
  if (json) console.log(jsonText(found.map(study => ({ ...plainStudy(study), trials: study.trials.length }))))
  else if (found.length === 0)
    console.log(`No studies here yet. Begin the first one:\n  ${suggest('tune', 'mlp-on-mnist')}`)
  else {
    const rows = found.map(study => [
      study.name,
      countsText(study.trials, study.running),
      namesOf(study.metrics).join(', '),
      study.best
        ? valuesText(study.best, study.metrics)
        : study.front.length > 0
          ? `${study.front.length} on the front`
          : '-',
      study.running ? pc.cyan('running') : '-',
    ])
    console.log(formatTable(['study', 'trials', 'objective', 'best', 'now'], rows, [], { drop: [4] }))
  }
}

/** Does what `ddlf study show` is asked for. */
export function showAction(name: string, { studies, json = false, limit, sort }: StudyShowOptions): void {
  const study = readStudy(studies, name)
  if (json) {
    console.log(jsonText(plainStudy(study)))
    return
  }
  const { metrics: objectives } = study
  const counts = countsText(study.trials, study.running)
  console.log(`${pc.bold(study.name)}  ${counts}${study.running ? pc.cyan(', running') : ''}`)
  for (const [parameter, range] of Object.entries(study.space)) console.log(`  ${formatParameter(parameter, range)}`)
  for (const note of changeNotes(tuningOf(study.attributes)?.grounds ?? [])) console.log(wrapText(pc.yellow(note)))
  if (study.others.length > 0) {
    const [other = ''] = study.others
    const held = `The journal holds ${study.others.length + 1} studies; also ${study.others.join(', ')}:`
    console.log(pc.dim(`${wrapText(held)}\n  ${suggest('study', 'show', other, ...studiesWords(studies))}`))
  }
  const current = standing(study.trials)
  const rank = (trial: Trial) => (trial.state === 'complete' ? 0 : trial.state === 'pruned' ? 1 : 2)
  const loss = ({ values }: Trial) => asLoss(values?.[0] ?? Number.NaN, study.directions[0] ?? 'minimize')
  const ordered =
    sort === 'number'
      ? current
      : current.toSorted((a, b) => rank(a) - rank(b) || loss(a) - loss(b) || a.number - b.number)
  if (current.length > 0) console.log(`\n${trialsTable(ordered.slice(0, limit), objectives, numbersOf(study.front))}`)
  if (current.length > limit) console.log(pc.dim(`${current.length - limit} more with --limit.`))
  for (const confirmed of confirmationsOf(study.attributes)) {
    console.log(`\n${pc.bold('Confirmed')}`)
    printConfirmation(confirmed, study)
  }
}

/** The words that train what a trial did, and judge it on the test set; undefined where the experiment is not known. */
async function trialWords({ params }: Trial, tuning: TuningRecord | undefined): Promise<readonly string[] | undefined> {
  const { experiments } = await import('../experiments.ts')
  const experiment = experiments.find(one => one.name === tuning?.experiment)
  if (!tuning || !experiment) return undefined
  const settings = trialSettings(experiment, tuning.settings, params)
  // No trial of a study reads the test set; the training at its end does.
  const { evaluateTest } = parseSettings(experiment)
  return ['train', experiment.name, ...trainingWords(givenSettings(experiment, { ...settings, evaluateTest }))]
}

/** Does what `ddlf study best` is asked for. */
export async function bestAction(name: string, { studies, json = false }: StudyOptions): Promise<void> {
  const study = readStudy(studies, name)
  const { metrics: objectives } = study
  if (json) {
    console.log(jsonText(study.front.map(trial => plain(trial, objectives))))
    return
  }
  const tuning = tuningOf(study.attributes)
  const runs = runsPlace(study.attributes) ?? path.resolve(process.env['DDLF_RUNS'] ?? 'runs')
  if (study.front.length === 0)
    throw new UserError({
      rule: 'The study has no complete trial yet.',
      received: countsText(study.trials),
      next: tuning
        ? `Go on with it: ${suggest('tune', tuning.experiment, '--study', study.name, ...studiesWords(studies))}`
        : 'Go on with it where it was begun.',
    })
  const words = runsWords(pathWord(runs))
  for (const trial of study.directions.length > 1 ? study.front : study.front.slice(0, 1)) {
    console.log(wrapText(`${pc.bold(namedValuesText(trial, objectives))}  trial ${trial.number}: ${paramsText(trial)}`))
    for (const run of runsOfTrial(trial)) console.log(`  ${suggest('show', run, ...words)}`)
    const training = await trialWords(trial, tuning)
    if (training) console.log(`  ${suggest(...training, ...words)}`)
  }
}

const tooFew = ({ trials }: StudyRecord) =>
  new UserError({
    rule: 'Importance needs at least two complete trials.',
    received: countsText(trials),
    next: 'Let the study go on.',
  })

/** Does what `ddlf study importance` is asked for. */
export function importanceAction(name: string, { studies, json = false }: StudyOptions): void {
  const study = readStudy(studies, name)
  const trials = standing(study.trials)
  const found = namesOf(study.metrics).map((objective, i) => {
    const options = { direction: study.directions[i] ?? 'minimize', objective: i } as const
    return { objective, pedAnova: pedAnova(trials, options), fanova: fanova(trials, options) }
  })
  if (json) {
    const byObjective = found.map(({ objective, ...methods }) => [objective, methods])
    console.log(JSON.stringify(Object.fromEntries(byObjective), null, 2))
    return
  }
  const counted = trials.filter(({ state, values }) => state === 'complete' && values?.every(Number.isFinite))
  const little = fewTrialsText(counted.length, variedNames(study.space).length)
  for (const [i, { objective, pedAnova: shares, fanova: variances }] of found.entries()) {
    if (Object.keys(shares).length === 0) throw tooFew(study)
    console.log(`${i > 0 ? '\n' : ''}${pc.bold(objective)}`)
    const rows = Object.entries(shares).map(([parameter, share]) => {
      const variance = variances[parameter]
      return [
        parameter,
        formatPercent(share, 1),
        barOf(share, 24),
        variance === undefined ? '-' : formatPercent(variance, 1),
      ]
    })
    console.log(formatTable(['parameter', 'PED-ANOVA', '', 'fANOVA'], rows, [1, 3], { drop: [2] }))
  }
  const how = 'PED-ANOVA: what tells the best tenth of the trials from all. fANOVA: what explains the variance.'
  console.log(pc.dim(wrapText(how)))
  if (little !== '') console.log(wrapText(pc.yellow(little)))
}

/** Does what `ddlf study report` is asked for. */
export async function reportAction(
  name: string,
  { studies, out, force = false }: StudyReportOptions,
): Promise<void> {
  const study = readStudy(studies, name)
  // Of several studies in one folder each has its own page.
  const page = study.name.replaceAll(/[^\w.-]+/g, '-')
  const file = out ?? path.join(study.folder, study.name.includes('/') ? `${page}.html` : 'report.html')
  const write = out === undefined
    ? (html: string) => { writeOutputFile(file, html) }
    : openOutput(out, { force, example: 'report.html' })
  // Plot takes a while to load.
  const { studyReport } = await import('@ddlf/lab/plots')
  const figured = { ...study, objectives: namesOf(study.metrics) }
  const { html, figures } = studyReport(figured, { document: figureDocument() })
  write(html)
  console.log(`${figures.length} figures and ${study.trials.length} trials written to ${file}`)
}

/** Does what `ddlf study record` is asked for. */
export function recordAction(name: string, { studies }: StudyOptions): void {
  console.log(`Written: ${recordStudy(studies, name)}`)
}

const quoted = (value: Choice | undefined): string => {
  const text = value === null || value === undefined ? '' : String(value)
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The trials as a table of comma-separated values. */
function csvOf(study: StudyRecord): string {
  const { metrics: objectives } = study
  const names = [...new Set(study.trials.flatMap(({ params }) => Object.keys(params)))]
  const header = ['number', 'state', ...namesOf(objectives), ...names, 'steps', 'run', 'startedAt', 'completedAt']
  const rows = study.trials.map(trial => [
    trial.number,
    trial.state,
    ...objectives.map((_, i) => trial.values?.[i]),
    ...names.map(name => trial.params[name]),
    trial.intermediateValues.size,
    runsOfTrial(trial).join(' '),
    trial.startedAt,
    trial.completedAt,
  ])
  return [header, ...rows].map(row => row.map(quoted).join(',')).join('\n') + '\n'
}

/** Does what `ddlf study export` is asked for. */
export function exportAction(
  name: string,
  { studies, format, out, force = false }: StudyExportOptions,
): void {
  const study = readStudy(studies, name)
  const text = format === 'csv' ? csvOf(study) : `${jsonText(plainStudy(study))}\n`
  if (out === undefined) process.stdout.write(text)
  else {
    openOutput(out, { force, example: `trials.${format}` })(text)
    console.log(`${study.trials.length} trials written to ${out}`)
  }
}
