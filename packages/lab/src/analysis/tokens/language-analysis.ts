// What can be said about a trained model of language: what it attends to, which tokens it sees alike, what surprises
// it.
import { columnOf, examplesOf, type Dataset } from '@ddlf/data'
import type { Tokenizer } from '@ddlf/data/tokenizers'
import { labelState, withMode, type Module } from '@ddlf/nn'
import { compile, input, type Runtime, type Tensor } from '@ddlf/tensor'
import type { AnalysedRun } from '../../trained/analysed-run.ts'
import { gradientReach } from './gradient-reach.ts'
import { attentionWeights, embeddedTokens, hiddenUnits } from './model-tensors.ts'
import { likelihood, type Likelihood } from '../text/likelihood.ts'
import { nearestTokens } from './nearest-tokens.ts'
import { lossByPosition, surprisingTokens, tokenLosses } from './token-losses.ts'

/** A row of attention maps: the heads of one layer. */
export interface AttentionLayer {
  readonly heads: number
  /** Row-major [heads, time, time]: row, who looks; column, at whom. */
  readonly weights: Float32Array
}

/** A unit over the tokens of a text. */
export interface ShownUnit {
  readonly name: string
  readonly values: Float32Array
}

/** The results, with tokens as text. */
export interface LanguageAnalysis {
  /** The text that attention and units are shown on, token by token. */
  readonly text: readonly string[]
  readonly attention: readonly AttentionLayer[]
  readonly units: readonly ShownUnit[]
  /** In nats; element 0 has seen one token. */
  readonly lossByPosition: readonly number[]
  /** See {@link gradientReach}. */
  readonly reach?: readonly number[] | undefined
  readonly surprising: readonly {
    readonly before: string
    readonly token: string
    readonly nats: number
    readonly likeliest: string
    readonly likeliestShare: number
  }[]
  readonly neighbours: readonly {
    readonly token: string
    readonly near: readonly { readonly token: string; readonly similarity: number }[]
  }[]
  /** Tokens that were looked at. */
  readonly tokens: number
  /** Of these tokens, in units that the literature uses; per character and byte also comparable between tokenizers. */
  readonly likelihood: Likelihood
}

/** What is analysed. */
export interface AnalysedLanguageModel {
  readonly model: Module
  readonly logits: (model: Module, tokens: Tensor) => Tensor
  readonly tokenizer: Tokenizer
  /** With the columns `tokens` and `targets`, windows of one length. */
  readonly test: Dataset
  readonly runtime: Runtime
}

/** Tokens that are looked at, and those of the text that is shown. */
const LOOKED_AT = 16_384
const SHOWN = 48
/** Windows whose gradients are taken. */
const REACHING = 16
const UNITS_A_LAYER = 2
const [SURPRISING, NEIGHBOURS, NEAR] = [15, 16, 5]

/** Whether something is asked for there. */
const isToken = (id: number): boolean => id >= 0

/** A token as text; a part of a character as the file writes it. */
const written = (tokenizer: Tokenizer, id: number): string => {
  const text = tokenizer.decode([id])
  return text.includes('\ufffd') ? tokenizer.tokenOf(id) : text
}

/** The units of a layer that differ most between the tokens of a text. */
function liveliest(name: string, values: Float32Array, time: number): ShownUnit[] {
  const units = values.length / time
  const of = (unit: number) => Float32Array.from({ length: time }, (_, t) => values[t * units + unit] as number)
  const spread = (one: Float32Array) => {
    const mean = one.reduce((a, b) => a + b, 0) / time
    return one.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  }
  return Array.from({ length: units }, (_, unit) => ({ unit, values: of(unit) }))
    .map(one => ({ ...one, spread: spread(one.values) }))
    .sort((a, b) => b.spread - a.spread || a.unit - b.unit)
    .slice(0, UNITS_A_LAYER)
    .map(one => ({ name: `unit ${one.unit} ${name}`, values: one.values }))
}

/** Attention and units over one text. */
async function insideOf(
  { model, logits, runtime }: AnalysedLanguageModel, tokens: Int32Array,
): Promise<Pick<LanguageAnalysis, 'attention' | 'units'>> {
  let attentions = 0
  const names: string[] = []
  const run = compile(
    x => {
      const scores = withMode({ training: false }, () => logits(model, x)).output
      const [weights, units] = [attentionWeights(scores, x), hiddenUnits(scores, x)]
      attentions = weights.length
      names.splice(0, names.length, ...units.map(({ name }) => name))
      // Something is always asked for.
      return [...weights, ...units.map(({ values }) => values), scores]
    },
    [{ shape: [1, tokens.length], dtype: 'int32' }],
    { runtime, name: 'inside' },
  )
  try {
    const values = await run(tokens)
    const attention = values.slice(0, attentions).map(({ data, shape }) => ({
      heads: shape[1] as number, weights: data as Float32Array,
    }))
    const units = names.flatMap((name, i) =>
      liveliest(name, values[attentions + i]?.data as Float32Array, tokens.length))
    return { attention, units }
  } finally {
    await run.release()
  }
}

/** What windows of tokens cost, by token, character and byte of their text; ids below 0 stand for no token. */
function likelihoodOf(
  nats: Float32Array, targets: Int32Array, time: number, tokenizer: Tokenizer,
): Likelihood {
  const utf8 = new TextEncoder()
  let [sum, tokens, characters, bytes] = [0, 0, 0, 0]
  for (const value of nats) if (!Number.isNaN(value)) sum += value
  // By windows: what one begins with need not follow on the one before.
  for (let from = 0; from < targets.length; from += time) {
    const asked = targets.subarray(from, from + time).filter(isToken)
    const text = tokenizer.decode(asked)
    tokens += asked.length
    characters += Array.from(text).length
    bytes += utf8.encode(text).length
  }
  return likelihood({ nats: sum, tokens, characters, bytes })
}

/** The tokens that occur most, each with those whose vectors are nearest. */
function neighboursOf(
  { model, logits, tokenizer }: AnalysedLanguageModel, tokens: Int32Array,
): LanguageAnalysis['neighbours'] {
  const probe = input('probe', { shape: [1, 1], dtype: 'int32' })
  const scores = withMode({ training: false }, () => logits(model, probe)).output
  const table = embeddedTokens(scores, probe)?.table
  const data = table?.leaf?.data
  if (!table || !data) return []
  const counts = new Map<number, number>()
  for (const id of tokens) counts.set(id, (counts.get(id) ?? 0) + 1)
  const frequent = [...counts].sort(([a, x], [b, y]) => y - x || a - b).slice(0, NEIGHBOURS)
  return frequent.map(([id]) => ({
    token: written(tokenizer, id),
    near: nearestTokens(data as Float32Array, table.shape[0] as number, id, NEAR).map(one => ({
      token: written(tokenizer, one.id), similarity: one.similarity,
    })),
  }))
}

/** How far gradients reach from the last tokens of the first windows that have one. */
async function reachOf(
  logits: (tokens: Tensor) => Tensor, tokens: Int32Array, targets: Int32Array, time: number, runtime: Runtime,
): Promise<readonly number[] | undefined> {
  const lastOf = (window: number) => targets[(window + 1) * time - 1] as number
  const windows = Array.from({ length: tokens.length / time }, (_, window) => window)
    .filter(window => isToken(lastOf(window)))
    .slice(0, REACHING)
  if (windows.length === 0) return undefined
  const read = windows.flatMap(window => Array.from(tokens.subarray(window * time, (window + 1) * time)))
  return gradientReach(logits, Int32Array.from(read), Int32Array.from(windows, lastOf), time, runtime)
}

/** Looks into a model of language, on windows of a text that it was not trained on. */
export async function analyzeLanguageModel(given: AnalysedLanguageModel): Promise<LanguageAnalysis> {
  const { model, logits, tokenizer, test, runtime } = given
  labelState(model)
  const [column, following] = ['tokens', 'targets'].map(name => columnOf(test, name)) as [
    ReturnType<typeof columnOf>, ReturnType<typeof columnOf>,
  ]
  const time = column.shape[0] as number
  const windows = Math.min(test.length, Math.max(1, Math.floor(LOOKED_AT / time)))
  const tokens = Int32Array.from(examplesOf(column, 0, windows))
  const targets = Int32Array.from(examplesOf(following, 0, windows))
  const of = (x: Tensor) => logits(model, x)
  const losses = await tokenLosses(of, tokens, targets, time, runtime)
  const reach = await reachOf(of, tokens, targets, time, runtime)
  const shown = tokens.slice(0, Math.min(SHOWN, time))
  const surprising = surprisingTokens(losses, SURPRISING).map(({ index, nats }) => ({
    before: tokenizer.decode(tokens.slice(Math.max(index - 24, index - (index % time)), index + 1)),
    token: written(tokenizer, targets[index] as number),
    nats,
    likeliest: written(tokenizer, losses.likeliest[index] as number),
    likeliestShare: Math.exp(-(losses.likeliestNats[index] as number)),
  }))
  return {
    text: Array.from(shown, id => written(tokenizer, id)),
    ...(await insideOf(given, shown)),
    lossByPosition: lossByPosition(losses),
    reach,
    surprising,
    neighbours: neighboursOf(given, tokens),
    tokens: targets.filter(isToken).length,
    likelihood: likelihoodOf(losses.nats, targets, time, tokenizer),
  }
}

/** What is said of a run of a model of language; nothing where it is none, or its tokenizer is not known. */
export async function languageResults(run: AnalysedRun): Promise<{ readonly language?: LanguageAnalysis }> {
  const { experiment, tokenizer, model, test, runtime } = run
  const view = experiment.task.views?.text
  if (!view || !tokenizer || !test.columns['tokens'] || !test.columns['targets']) return {}
  const logits = (one: Module, tokens: Tensor) => view.logits(one, tokens)
  return { language: await analyzeLanguageModel({ model, logits, tokenizer, test, runtime }) }
}
