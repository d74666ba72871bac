// The lab's API as the page calls it.
import { formatMetric, judgedNames, metricOf, type Metric } from '@ddlf/lab/metric'
import type { ComparisonProgress, LabComparison, RunLine, TextLine } from '@ddlf/lab/server'

/** Base address of the API. */
export const apiBase = (): string => document.querySelector<HTMLElement>('[data-lab]')?.dataset['lab'] ?? '/api'

/** What was thrown, in words. */
export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

interface Refusal {
  /** The field of a form that it is about. */
  readonly field?: string
  readonly error?: string
  /** What is wrong with which setting. */
  readonly faults?: Readonly<Record<string, string>>
  readonly received?: string | undefined
  readonly next?: string | undefined
}

/** A refusal of what a form holds, in the lab's own words. */
class FormRefusal extends Error {
  readonly field: string | undefined
  readonly faults: Readonly<Record<string, string>>

  constructor({ error, received, next, field, faults = {} }: Refusal) {
    super([error, received && `Received: ${received}.`, next].filter(Boolean).join(' '))
    this.field = field
    this.faults = faults
  }
}

/** The field that a refusal is about; undefined where it names none. */
export const refusedField = (error: unknown): string | undefined =>
  error instanceof FormRefusal ? error.field : undefined

/** What a refusal says of each setting; nothing where it is not about settings. */
export const refusedSettings = (error: unknown): Readonly<Record<string, string>> =>
  error instanceof FormRefusal ? error.faults : {}

const changing = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-lab-page': '1' },
  body: JSON.stringify(body),
})

async function answerTo(
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const response = await fetch(`${apiBase()}${path}`, init).catch(() => {
    throw new Error('The lab does not answer. Does it still run in the terminal where it was started?')
  })
  const answer = (await response.json()) as unknown
  if (response.ok) return { status: response.status, answer }
  throw new FormRefusal(answer as Refusal)
}

/** Asks the lab. @throws Error with the lab's own words when it refuses */
export const ask = async <T>(path: string, post?: unknown): Promise<T> =>
  (await answerTo(path, post === undefined ? {} : changing(post))).answer as T

/** How a text is written; undefined leaves it to the lab. */
export interface TextSettings {
  readonly tokens: number | undefined
  readonly temperature: number | undefined
  readonly topK: number | undefined
  readonly seed: number | undefined
}

/**
 * Lets the model of a run go on with a text.
 * @param hear hears what it writes, piece by piece
 * @throws Error with the lab's own words when it refuses
 */
export async function readText(
  name: string,
  question: TextSettings & { readonly prompt: string },
  signal: AbortSignal,
  hear: (piece: string) => void,
): Promise<void> {
  const response = await fetch(`${apiBase()}/runs/${name}/text`, { ...changing(question), signal })
  if (!response.ok || !response.body) throw new FormRefusal((await response.json()) as Refusal)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let held = ''
  for (;;) {
    const { done, value } = await reader.read()
    const lines = (held + (value ?? '')).split('\n')
    held = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(line) as TextLine
      if ('error' in said) throw new FormRefusal(said)
      if ('text' in said) hear(said.text)
      else return
    }
    if (done) throw new Error('The lab ended before the text did.')
  }
}

/** Milliseconds between two questions about a comparison that takes long. */
const PAUSE = 300

/**
 * Compares runs, which takes a while where their logs are long and new to the lab.
 * @param tell hears how far they have been read
 * @param signal ends the asking; then nothing is returned
 */
export async function askComparison(
  query: string,
  tell: (progress: ComparisonProgress['reading']) => void,
  signal: AbortSignal,
): Promise<LabComparison | undefined> {
  while (!signal.aborted) {
    const { status, answer } = await answerTo(`/compare?wait=1&${query}`)
    if (status !== 202) return answer as LabComparison
    tell((answer as ComparisonProgress).reading)
    await new Promise(resolve => setTimeout(resolve, PAUSE))
  }
  return undefined
}

/** How far long logs have been read. */
export const readingText = ({ bytes, size }: { readonly bytes: number; readonly size: number }): string =>
  size === 0
    ? 'Reading the measurements ...'
    : `Reading the measurements: ${(bytes / 1e6).toFixed(0)} of ${(size / 1e6).toFixed(0)} MB ...`

const isPlain = (value: unknown) => typeof value !== 'object' || value === null

/** A setting's value in words. */
export function settingText(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return JSON.stringify(value)
  return value.every(isPlain) ? value.map(String).join(', ') : value.map(one => JSON.stringify(one)).join(', ')
}

/** A setting's value for people: numbers that are not whole with four figures. */
export const shownText = (value: unknown): string => {
  if (Array.isArray(value) && value.every(isPlain)) return value.map(shownText).join(', ')
  return typeof value === 'number' && !Number.isInteger(value) ? numberWords(value) : settingText(value)
}

/** `test/mae` for people: `test mean absolute error`. @param described what the metrics of the runs mean */
export const metricName = (described: readonly Metric[], metric: string): string => metricOf(described, metric).title

/** A metric of a run by its name with the split, as its record describes it. */
export function metricText(described: readonly Metric[], name: string, value: number | null | undefined): string {
  if (value === null) return 'not a number'
  if (value === undefined || !Number.isFinite(value)) return '-'
  const metric = metricOf(described, name)
  return metric.format === 'percent' ? formatMetric(metric, value) : numberWords(value)
}

/** Metrics that each run of a table brings along. */
const FIGURES = 2

/** What runs are judged by: of each the first metrics of the part that judges it, as the run names them. */
export function figuresOf(
  runs: readonly Pick<RunLine, 'described' | 'metrics'>[],
): readonly { readonly name: string; readonly title: string }[] {
  const found = runs.flatMap(({ described, metrics }) =>
    judgedNames(described, name => name in metrics)
      .slice(0, FIGURES)
      .map(name => [name, metricName(described, name)] as const),
  )
  return [...new Map(found.toReversed())].reverse().map(([name, title]) => ({ name, title }))
}

/** A number with four figures. */
export const numberWords = (value: number): string => String(Number(value.toPrecision(4)))
