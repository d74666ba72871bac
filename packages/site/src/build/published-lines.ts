// What others published beside ours, line by line, in words: for the tables of memos and the page of all of them.
import { topics, type PublishedClaim, type PublishedRow, type Topic } from '@ddlf/course'
import {
  armOf, judgeClaim, judgeFigure, spreadOf, studentQuantile, type JudgedClaim, type Metric, type PublishedReference,
  type PublishedVerdict, type RecordedArm, type Spread,
} from '@ddlf/lab'
import { claimWords } from './claim.ts'
import { costText, intervalEnds, metricText, number, scientific, spreadText } from './format.ts'
import {
  claimById, headlineOf, judgedName, metricsOf, monitoredOf, publishedById, recordedResults,
} from './results.ts'

/** One published result or claim with what is known of it here. */
export interface PublishedLine {
  readonly row: PublishedRow
  readonly topic: Topic
  readonly verdict: PublishedVerdict
  /** How the verdict is coloured. */
  readonly kind: 'good' | 'bad' | 'plain'
  /** The verdict in a few words: `not run: 3.4 × 10¹⁵ FLOP`. */
  readonly badge: string
  /** What it rests on; empty where the figures say it. */
  readonly text: string
  readonly title: string
  /** `LeCun 1998, table of test errors`, and where it can be read. */
  readonly source: string
  readonly address: string
  /** The source as it is cited: `Karpathy, nanoGPT, README, 2023`. */
  readonly citation: string
  /** What is measured; empty of a claim. */
  readonly figure: string
  readonly published: string
  readonly ours: string
  /** The interval that holds the mean over seeds with 95 %; of a median the range of the seeds; `1 seed` of one. */
  readonly interval: string
  /** Ours minus published. */
  readonly difference: string
  /** What our runs took. */
  readonly cost: string
}

const CONFIDENCE = 0.95
const EPOCHS = { best: 'best epoch', chosen: 'epoch that held-out data chose' } as const
const epochWords = (epoch: keyof typeof EPOCHS | number) =>
  (typeof epoch === 'number' ? `evaluation ${epoch}` : EPOCHS[epoch])

const cited = ({ citation, table }: { readonly citation: string; readonly table?: string }) =>
  [`${citation.split(/,| and /)[0]} ${/\d{4}$/.exec(citation)?.[0] ?? ''}`.trim(), table].filter(Boolean).join(', ')

const costOfArms = (arms: readonly RecordedArm[]): string => {
  const runs = arms.flatMap(arm => arm.runs)
  const sum = (key: 'seconds' | 'flop') => runs.reduce((total, run) => total + run[key], 0)
  const count = `${runs.length} run${runs.length === 1 ? '' : 's'}`
  return `${count}, ${costText(sum('seconds'), sum('flop'))}`
}

const recordedArm = (experiment: string | undefined, arm: string | undefined): RecordedArm | undefined => {
  const result = experiment === undefined ? undefined : recordedResults.get(experiment)
  return result && (arm === undefined || result.arms.some(({ id }) => id === arm)) ? armOf(result, arm) : undefined
}

type Told = Pick<PublishedLine, 'verdict' | 'kind' | 'badge' | 'text'>

const nothingRun = ({ flop, missing }: PublishedRow): Told =>
  missing === undefined
    ? {
        verdict: 'not run', kind: 'plain', text: '',
        badge: `not run${flop === undefined ? '' : `: ${scientific(flop)} FLOP`}`,
      }
    : { verdict: 'data not reachable', kind: 'plain', badge: 'data not reachable', text: `It needs ${missing}.` }

function toldOfFigure(reference: PublishedReference, metric: Metric, ours: Spread): Told {
  const { verdict, reach, onlyBySpread } = judgeFigure(reference, metric, ours)
  const one = ours.count < 2
  if (onlyBySpread) {
    const badge = verdict === 'reproduced' ? verdict : `${verdict}, ${reach}`
    return { verdict, kind: 'plain', badge, text: 'Only because our seeds differ so much.' }
  }
  if (verdict === 'reproduced') return { verdict, kind: 'good', badge: verdict, text: one ? 'One seed.' : '' }
  if (verdict === 'not reproduced')
    return { verdict, kind: one ? 'plain' : 'bad', badge: verdict, text: one ? 'One seed says little.' : '' }
  const kind = reach === 'not reached' ? 'plain' : 'good'
  return { verdict, kind, badge: `${verdict}, ${reach}`, text: one ? 'One seed.' : '' }
}

/** What is counted agrees, or does not. */
function toldOfCount(value: number, counted: number): Told {
  const text = 'Counted, not trained.'
  return value === counted
    ? { verdict: 'reproduced', kind: 'good', badge: 'reproduced', text }
    : { verdict: 'not reproduced', kind: 'bad', badge: 'not reproduced', text }
}

/** A count as the mean of one. */
const countedOnce = (value: number): Spread => ({ mean: value, deviation: 0, count: 1, values: [value] })

function toldOf(row: PublishedRow, judged: PublishedReference, metric: Metric, ours: Spread | undefined): Told {
  if (row.computed !== undefined) return toldOfCount(judged.value, row.computed)
  return ours ? toldOfFigure(judged, metric, ours) : nothingRun(row)
}

function toldOfClaim({ comparable }: PublishedRow, judged: JudgedClaim): Told {
  const text = claimWords(judged)
  const how =
    judged.order === 'shown' ? 'shown' : judged.order === 'open' ? 'same direction, not shown' : 'other way round'
  const kind = !judged.isBeyondChance ? 'plain' : judged.order === 'shown' ? 'good' : 'bad'
  if (comparable === 'shorter schedule' || comparable === 'different') {
    const verdict = comparable === 'different' ? 'other recipe' : comparable
    return { verdict, kind, badge: `${verdict}, ${how}`, text }
  }
  if (judged.order === 'shown') return { verdict: 'reproduced', kind, badge: 'reproduced', text }
  const badge = judged.order === 'open' ? 'same direction, not shown' : 'not reproduced'
  return { verdict: 'not reproduced', kind, badge, text }
}

/** In points of a share, else in the metric's own unit. */
function differenceText(metric: Metric, value: number, { mean }: Spread): string {
  const far = (mean - value) * (metric.format === 'percent' ? 100 : 1)
  const size = Math.abs(far)
  const digits = metric.format === 'percent' ? size.toFixed(2) : number(Number(size.toPrecision(3)))
  return `${far < 0 ? '−' : '+'}${digits}${metric.format === 'percent' ? ' points' : ''}`
}

function intervalText(
  metric: Metric, { mean, deviation, count, values }: Spread, over: PublishedReference['over'],
): string {
  if (count < 2) return '1 seed'
  if (over === 'median') {
    // Student's interval is one of a mean.
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return `${metricText(metric, least)} to ${metricText(metric, most)}, median of ${count} seeds`
  }
  const half = (studentQuantile(CONFIDENCE, count - 1) * deviation) / Math.sqrt(count)
  const ends = intervalEnds(metric, { low: mean - half, high: mean + half }).map(end => end.replace(/ %$/, ''))
  return `${ends.join(' to ')}, ${count} seeds`
}

const PART_WORDS = { train: 'in training', validation: 'held out' } as const

function figureLine(row: PublishedRow, topic: Topic): PublishedLine {
  const { reference, metric } = publishedById(row.id)
  const arm = recordedArm(row.experiment, row.arm)
  const { part, epoch, over } = reference
  const judgedBy = judgedName(row.experiment ?? '', reference.metric, part)
  const monitored = monitoredOf(row.experiment ?? '')
  const best = {
    best: { by: judgedBy, better: metric.better },
    chosen: { by: `validation/${monitored.name}`, better: monitored.better },
  }
  const counted = row.computed === undefined ? undefined : countedOnce(row.computed)
  const at = typeof epoch === 'string' ? best[epoch] : epoch
  const ours =
    counted ?? (arm && spreadOf(arm, judgedBy, { ...(at !== undefined && { epoch: at }), ...(over && { over }) }))
  const judged = { ...reference, comparable: row.comparable ?? reference.comparable }
  const { value, tolerance, source, protocol } = reference
  return {
    row, topic, title: protocol, source: cited(source), address: source.url, citation: source.citation,
    figure: [
      metric.title, ...(part ? [PART_WORDS[part]] : []), ...(epoch === undefined ? [] : [epochWords(epoch)]),
      ...(over ? [over] : []),
    ].join(', '),
    published:
      metricText(metric, value) + (tolerance === undefined ? '' : ` ± ${metricText(metric, tolerance)}`),
    ours: ours ? spreadText(metric, ours) : '',
    interval: ours ? (counted ? 'exact' : intervalText(metric, ours, over)) : '',
    difference: ours && !counted ? differenceText(metric, value, ours) : '',
    cost: arm ? costOfArms([arm]) : '',
    ...toldOf(row, judged, metric, ours),
  }
}

function claimLine(row: PublishedRow, topic: Topic, { claim, source }: PublishedClaim): PublishedLine {
  const { experiment = '', worse = '', better = '', worseIn = experiment, metric } = row
  const arms = [recordedArm(worseIn, worse) ?? [], recordedArm(experiment, better) ?? []].flat()
  const result = recordedResults.get(experiment)
  const judged = judgeClaim(
    result && (worseIn === experiment ? result : { ...result, arms }), { worse, better }, metricsOf(experiment),
    metric ?? headlineOf(experiment),
  )
  return {
    row, topic, title: claim, source: cited(source), address: source.url, citation: source.citation,
    figure: '', published: '', ours: '', interval: '', difference: '', cost: judged ? costOfArms(arms) : '',
    ...(judged ? toldOfClaim(row, judged) : nothingRun(row)),
  }
}

const lineOf = (row: PublishedRow, topic: Topic): PublishedLine => {
  const claim = claimById(row.id)
  return claim ? claimLine(row, topic, claim) : figureLine(row, topic)
}

/** The lines of a topic: its comparisons in their order, then what its experiments cite and no comparison names. */
function linesOfTopic(topic: Topic): PublishedLine[] {
  const rows = topic.comparisons ?? []
  const cites = topic.experiments.flatMap(({ published }) => published ?? [])
  const ids = [...new Set([...cites, ...(topic.claims ?? [])].map(({ id }) => id))]
  const others = topics.flatMap(one => (one === topic ? [] : (one.comparisons ?? []))).map(({ id }) => id)
  const left = ids.filter(id => !rows.some(row => row.id === id) && !others.includes(id))
  return [...rows, ...left.map(id => ({ id }))].map(row => lineOf(row, topic))
}

/** All that is published of what the course is about, by topic. */
export const publishedLines: readonly PublishedLine[] = topics.flatMap(linesOfTopic)

const topicOf = ({ id }: PublishedRow): Topic | undefined =>
  topics.find(
    ({ claims = [], experiments }) =>
      claims.some(one => one.id === id) ||
      experiments.some(({ published }) => published?.some(one => one.id === id) === true),
  )

/**
 * The lines of published results and claims, in that order.
 * @param rows ids of what the topics compare, or a row that no topic has
 * @throws Error where nobody published it
 */
export const linesFor = (rows: readonly (string | PublishedRow)[]): PublishedLine[] =>
  rows.flatMap(row => {
    const id = typeof row === 'string' ? row : row.id
    const found = publishedLines.filter(line => line.row.id === id)
    const topic = topicOf({ id })
    if (found.length === 0 || !topic)
      throw new Error(`No topic compares a published result '${id}'. Next: add it to the topic's comparisons.ts.`)
    return typeof row === 'string' ? found : [lineOf(row, topic)]
  })
