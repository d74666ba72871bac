// A study as its page holds it: asked for again and again while it grows, and only for what is new.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { StudyImportance } from '@ddlf/lab/study-importance'
import type { StudyDetail, StudyStanding, TrialLine } from '@ddlf/lab/server'
import type { FiguredStudy } from '@ddlf/lab/study-figures'
import { ask, wordsOf } from './api.ts'

/** Milliseconds between two looks at a study. */
const LOOK = 2000

/** A study with all of its trials, as the page shows them and as figures want them. */
export interface HeldStudy {
  readonly detail: StudyDetail
  readonly figured: FiguredStudy
}

type FiguredTrial = FiguredStudy['trials'][number]

/** The distributions of a trial's parameters: one object for all trials that have the same parameters. */
function distributionsIn(space: StudyDetail['space']): (trial: TrialLine) => FiguredTrial['distributions'] {
  const known = new Map<string, FiguredTrial['distributions']>()
  return ({ params }) => {
    const names = Object.keys(params)
    const key = names.join('\n')
    const before = known.get(key)
    if (before) return before
    const found = Object.fromEntries(names.flatMap(name => (space[name] ? [[name, space[name]]] : [])))
    known.set(key, found)
    return found
  }
}

/** A trial as the figures want it. */
const figuredTrial = (trial: TrialLine, distributions: FiguredTrial['distributions']): FiguredTrial => ({
  number: trial.number,
  state: trial.state,
  params: trial.params,
  distributions,
  values: trial.values?.map(value => value ?? Number.NaN),
  intermediateValues: new Map(trial.steps.map(([step, value]) => [step, value ?? Number.NaN])),
  userAttributes: {},
  systemAttributes: trial.continues === null ? {} : { 'ddlf:continues': trial.continues },
  startedAt: null,
  completedAt: null,
})

/** A list with those items replaced that have a number, and new ones behind. */
function renewed<T extends { readonly number: number }>(before: readonly T[], changed: readonly T[]): readonly T[] {
  const trials = [...before]
  for (const trial of changed) trials[trial.number] = trial
  return trials
}

/** What the page holds after an answer. */
export function held(before: HeldStudy | undefined, answer: StudyDetail | StudyStanding): HeldStudy | undefined {
  if (!('trials' in answer)) return before && { ...before, detail: { ...before.detail, ...answer } }
  const { name, directions, objectives, space } = answer
  const isNew = answer.whole || !before
  const distributionsOf = distributionsIn(space)
  const drawn = answer.trials.map(trial => figuredTrial(trial, distributionsOf(trial)))
  const trials = isNew ? answer.trials : renewed(before.detail.trials, answer.trials)
  const figures = isNew ? drawn : renewed(before.figured.trials, drawn)
  return {
    detail: { ...answer, trials, whole: true },
    figured: { name, directions, objectives, space, trials: figures },
  }
}

/** Follows a study. `look` asks at once. */
export function useStudy(name: string): {
  readonly study: HeldStudy | undefined
  readonly trouble: string
  readonly look: () => void
} {
  const [study, setStudy] = useState<HeldStudy>()
  const [trouble, setTrouble] = useState('')
  const known = useRef('')
  const look = useRef<() => void>(() => undefined)
  useEffect(() => {
    let alive = true
    let timer: ReturnType<typeof setTimeout> | undefined
    const load = async () => {
      clearTimeout(timer)
      try {
        const place = `/studies/${encodeURIComponent(name)}?known=${known.current}`
        const answer = await ask<StudyDetail | StudyStanding>(place)
        if (!alive) return
        known.current = answer.version
        setTrouble('')
        setStudy(before => held(before, answer))
      } catch (error) {
        if (alive) setTrouble(wordsOf(error))
      }
      // One question at a time, however long an answer takes.
      clearTimeout(timer)
      if (alive) timer = setTimeout(() => void load(), LOOK)
    }
    look.current = () => void load()
    void load()
    return () => {
      alive = false
      clearTimeout(timer)
    }
  }, [name])
  return { study, trouble, look: () => look.current() }
}

/** Milliseconds that a page has for what is on the screen, before the importance is asked for. */
const FIRST = 300

/** A study of so many complete trials is measured again with every new one; a greater one when it has grown a tenth. */
const FEW = 50

const NO_STEPS: FiguredTrial['intermediateValues'] = new Map()

/** The trials as importance asks for them: copied into the thread without what was measured on their way. */
export const trialsToMeasure = ({ trials }: Pick<FiguredStudy, 'trials'>): readonly FiguredTrial[] =>
  trials.map(trial => ({ ...trial, intermediateValues: NO_STEPS }))

/** The importance of the parameters, worked out in a thread; undefined until it is known the first time. */
export function useImportance({ detail, figured }: HeldStudy): StudyImportance | undefined {
  const [importance, setImportance] = useState<StudyImportance>()
  const state = useRef({ busy: false, measured: 0 })
  const worker = useRef<Worker | null>(null)
  const complete = detail.counts.complete ?? 0
  useEffect(() => {
    const thread = new Worker(new URL('../../workers/importance-worker.ts', import.meta.url), { type: 'module' })
    thread.onmessage = ({ data }: MessageEvent<StudyImportance>) => {
      state.current.busy = false
      setImportance(data)
    }
    worker.current = thread
    return () => thread.terminate()
  }, [])
  useEffect(() => {
    const { busy, measured } = state.current
    const enough = complete < FEW ? measured + 1 : measured * 1.1
    if (busy || complete < 2 || (complete < enough && (detail.running || complete === measured))) return
    state.current = { busy: true, measured: complete }
    // Behind the first figure: copying thousands of trials keeps a page from being drawn.
    setTimeout(() => worker.current?.postMessage([trialsToMeasure(figured), figured.directions]), FIRST)
  }, [complete, detail.running, importance])
  return importance
}
