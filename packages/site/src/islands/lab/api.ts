// The lab's API as the page calls it.

export interface RunLine {
  readonly name: string
  readonly experiment: string
  readonly id: string
  readonly status: string
  readonly createdAt: string
  readonly seed: number
  readonly config: Readonly<Record<string, unknown>>
  /** Null: not a finite number. */
  readonly metrics: Readonly<Record<string, number | null>>
  readonly seconds: number | null
  /** What to try, where the run learned nothing. */
  readonly advice: string | null
}

export interface RunDetail extends RunLine {
  readonly stoppable: boolean
  readonly record: { readonly git: { readonly commit: string; readonly dirty: string | null } | null; readonly machine: { readonly cpu: string; readonly cores: number } | null; readonly attempts: readonly { readonly number: number; readonly fromStep: number; readonly reason: string | null }[] }
}

/** One setting as JSON Schema describes it. */
export interface SettingSchema {
  readonly type?: string
  readonly default?: unknown
  readonly description?: string
  readonly enum?: readonly string[]
  readonly items?: { readonly type?: string }
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
}

export interface ExperimentForm {
  readonly name: string
  readonly title: string
  readonly question: string
  readonly dataset: string
  /** Set where it learns from the user's own data. */
  readonly own: string | null
  readonly settings: Readonly<Record<string, SettingSchema>>
}

export interface Comparison {
  readonly runs: readonly RunLine[]
  readonly metric: string
  readonly metrics: readonly string[]
  readonly settings: readonly { readonly setting: string; readonly values: readonly unknown[] }[]
  /** One a run: as many measurements as a screen can show. */
  readonly series: readonly { readonly epoch: readonly number[]; readonly value: readonly (number | null)[] }[]
}

export interface Mistake {
  readonly index: number
  readonly truth: number
  readonly prediction: number
  readonly probability: number
  readonly pixels?: string
  readonly text?: string
}

export interface StepGraph {
  readonly step: string
  readonly forward: string
  readonly ops: number
  readonly flop: number
}

export interface Mistakes {
  readonly classes: readonly string[]
  readonly confusion: readonly (readonly number[])[]
  readonly shape: readonly number[] | null
  readonly mistakes: readonly Mistake[]
  /** How own data differ from those of the run. */
  readonly changes: string | null
}

/** Base address of the API. */
export const apiBase = (): string => document.querySelector<HTMLElement>('[data-lab]')?.dataset['lab'] ?? '/api'

/** Asks the lab. @throws Error with the lab's own words when it refuses */
export async function ask<T>(path: string, post?: unknown): Promise<T> {
  const changing = (body: unknown): RequestInit => ({ method: 'POST', headers: { 'content-type': 'application/json', 'x-lab-page': '1' }, body: JSON.stringify(body) })
  const response = await fetch(`${apiBase()}${path}`, post === undefined ? {} : changing(post))
  const answer = (await response.json()) as T & { error?: string; received?: string; next?: string }
  if (!response.ok) throw new Error([answer.error, answer.received && `Received: ${answer.received}.`, answer.next].filter(Boolean).join(' '))
  return answer
}

/** A setting's value as it is typed. */
export const settingText = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value))

/** A metric by its name: shares as percentages. */
export const metricText = (name: string, value: number | null | undefined): string =>
  value === null ? 'not a number' : value === undefined || !Number.isFinite(value) ? '-' : /(accuracy|error)$/.test(name) ? `${(100 * value).toFixed(2)} %` : String(Number(value.toPrecision(4)))
