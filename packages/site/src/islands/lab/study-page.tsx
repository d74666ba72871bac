// A study that grows as it runs: its figures, the parallel coordinates to brush, and its trials as a table that sorts.
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { StudyDetail, TrialLine } from '@ddlf/lab/server'
import type * as PlotsModule from '@ddlf/lab/plots'
import type { FiguredStudy } from '@ddlf/lab/plots'
import { ask, wordsOf } from './api.ts'
import { countsOf, objectiveText } from './study-list.tsx'

type Plots = typeof PlotsModule
type Brush = Readonly<Record<string, readonly [number, number]>>

/** Milliseconds between two looks at a study that runs. */
const LOOK = 2000

/** A study as the figures want it. */
function figured({ name, directions, objectives, space, trials }: StudyDetail): FiguredStudy {
  const read = (trial: TrialLine): FiguredStudy['trials'][number] => ({
    number: trial.number,
    state: trial.state,
    params: trial.params,
    distributions: Object.fromEntries(
      Object.keys(trial.params).flatMap(key => (space[key] ? [[key, space[key]]] : [])),
    ),
    values: trial.values?.map(value => value ?? Number.NaN),
    intermediateValues: new Map(trial.steps.map(([step, value]) => [step, value ?? Number.NaN])),
    userAttributes: {},
    systemAttributes: trial.continues === null ? {} : { 'ddlf:continues': trial.continues },
    startedAt: null,
    completedAt: null,
  })
  return { name, directions, objectives, space, trials: trials.map(read) }
}

export function StudyPage({ name }: { readonly name: string }) {
  const [study, setStudy] = useState<StudyDetail>()
  const [plots, setPlots] = useState<Plots>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    void import('@ddlf/lab/plots').then(setPlots)
    let alive = true
    let known = -1
    const load = () => {
      ask<Partial<StudyDetail> & Pick<StudyDetail, 'size' | 'running' | 'stoppable'>>(
        `/studies/${name}?known=${String(known)}`,
      ).then(
        answer => {
          if (!alive) return
          known = answer.size
          setTrouble('')
          setStudy(before => ('trials' in answer ? (answer as StudyDetail) : before && { ...before, ...answer }))
        },
        (error: unknown) => {
          if (alive) setTrouble(wordsOf(error))
        },
      )
    }
    load()
    const again = setInterval(load, LOOK)
    return () => {
      alive = false
      clearInterval(again)
    }
  }, [name])
  if (!study) return <p role="status">{trouble || 'Loading ...'}</p>
  const stop = () => {
    ask(`/studies/${name}/stop`, {}).catch((error: unknown) => setTrouble(wordsOf(error)))
  }
  return (
    <article class="study">
      <h2>
        {study.name} {study.running ? <span class="badge live">running</span> : null}
      </h2>
      <p>
        {countsOf(study)}
        {study.best
          ? `; best ${study.objectives[0] ?? ''} ${objectiveText(study.metrics, study.objectives[0] ?? '', study.best[0])}`
          : ''}
        {study.stoppable ? (
          <>
            {' '}
            <button type="button" onClick={stop}>
              Save and stop
            </button>
          </>
        ) : null}
      </p>
      {trouble !== '' && (
        <p role="alert" class="trouble">
          {trouble}
        </p>
      )}
      {plots ? <Figures study={study} plots={plots} /> : <p role="status">Loading the figures ...</p>}
      <Trials study={study} />
    </article>
  )
}

function Figures({ study, plots }: { readonly study: StudyDetail; readonly plots: Plots }) {
  // Drawn anew when the journal has grown.
  const sections = useMemo(() => plots.studyFigures(figured(study)), [study.size, study.name, plots])
  if (sections.length === 0) return <p>Figures appear with the first complete trial.</p>
  return (
    <>
      {sections.map(({ title, text, figures }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <p class="soft small">{text}</p>
          {title === 'Parallel coordinates' ? (
            <Parallel study={study} plots={plots} />
          ) : (
            <div class="study-figures">
              {figures.map(({ name, svg }) => (
                <div key={name} class="study-figure" dangerouslySetInnerHTML={{ __html: svg }} />
              ))}
            </div>
          )}
        </section>
      ))}
    </>
  )
}

/** Parallel coordinates: dragging along an axis keeps the trials whose values lie there. */
function Parallel({ study, plots }: { readonly study: StudyDetail; readonly plots: Plots }) {
  const [brush, setBrush] = useState<Brush>({})
  const [drag, setDrag] = useState<{ readonly axis: string; readonly from: number }>()
  const axes = [...Object.keys(study.space), study.objectives[0] ?? 'value']
  const [width, height] = [Math.max(480, 110 * axes.length), 320]
  const svg = useMemo(
    () => plots.studyParallelFigure(figured(study), { title: '', width, height, within: brush }),
    [study.size, study.name, plots, brush],
  )
  /** The axis under the pointer, and the share along it. */
  const place = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const drawn = event.currentTarget.querySelector('svg')
    if (!drawn) return undefined
    const box = drawn.getBoundingClientRect()
    const total = drawn.viewBox.baseVal.height
    const x = ((event.clientX - box.left) / box.width) * width
    const y = ((event.clientY - box.top) / box.height) * total - (total - height)
    const step = (width - 108) / axes.length
    const axis = axes[Math.min(axes.length - 1, Math.max(0, Math.floor((x - 54) / step)))]
    const share = 1 - (y - 18) / (height - 18 - 44)
    return axis === undefined ? undefined : { axis, share: Math.min(1, Math.max(0, share)) }
  }
  const names = Object.keys(brush)
  return (
    <>
      <div
        class="study-figure brushed"
        onPointerDown={event => {
          const at = place(event)
          if (at) {
            setDrag({ axis: at.axis, from: at.share })
            event.currentTarget.setPointerCapture(event.pointerId)
          }
        }}
        onPointerMove={event => {
          const at = drag && place(event)
          if (at)
            setBrush(before => ({
              ...before,
              [drag.axis]: [Math.min(drag.from, at.share), Math.max(drag.from, at.share)],
            }))
        }}
        onPointerUp={() => setDrag(undefined)}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
      <p class="soft small">
        {names.length === 0 ? (
          'Drag along an axis to keep the trials that lie there.'
        ) : (
          <>
            Kept along {names.join(', ')}.{' '}
            <button type="button" onClick={() => setBrush({})}>
              Keep all
            </button>
          </>
        )}
      </p>
    </>
  )
}

const MOST_ROWS = 200

function Trials({ study }: { readonly study: StudyDetail }) {
  const [sort, setSort] = useState('best')
  const [down, setDown] = useState(false)
  const params = Object.keys(study.space)
  const lossOf = (trial: TrialLine) => {
    const value = trial.state === 'complete' ? trial.values?.[0] : undefined
    return value === undefined || value === null ? Infinity : study.directions[0] === 'maximize' ? -value : value
  }
  const keyOf = (trial: TrialLine): number | string =>
    sort === 'best' ? lossOf(trial) : sort === 'trial' ? trial.number : String(trial.params[sort] ?? '')
  const compare = (a: TrialLine, b: TrialLine): number => {
    const [x, y] = [keyOf(a), keyOf(b)]
    const numbers = [Number(x), Number(y)]
    const order = numbers.some(Number.isNaN)
      ? String(x).localeCompare(String(y))
      : (numbers[0] ?? 0) === (numbers[1] ?? 0)
        ? 0
        : (numbers[0] ?? 0) - (numbers[1] ?? 0)
    return (down ? -order : order) || a.number - b.number
  }
  const continued = new Set(study.trials.map(({ continues }) => continues))
  const rows = study.trials.filter(({ number }) => !continued.has(number)).sort(compare)
  const by = (key: string) => {
    setDown(sort === key ? !down : false)
    setSort(key)
  }
  const heading = (key: string, label: string) => (
    <th scope="col" aria-sort={sort === key ? (down ? 'descending' : 'ascending') : undefined}>
      <button type="button" class="sorting" onClick={() => by(key)}>
        {label}
      </button>
    </th>
  )
  return (
    <section aria-label="Trials">
      <h3>Trials</h3>
      <div class="scroll" tabindex={0} role="region" aria-label="Table of trials">
        <table class="rows">
          <thead>
            <tr>
              {heading('trial', 'trial')}
              <th scope="col">state</th>
              {heading('best', study.objectives.join(' / '))}
              {params.map(key => heading(key, key))}
              <th scope="col">steps</th>
              <th scope="col">run</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST_ROWS).map(trial => (
              <tr key={trial.number}>
                <td>{trial.number}</td>
                <td title={trial.failure ?? undefined}>
                  {trial.state}
                  {trial.continues === null ? '' : `, from ${String(trial.continues)}`}
                </td>
                <td class="figure">
                  {study.objectives
                    .map((objective, i) => objectiveText(study.metrics, objective, trial.values?.[i]))
                    .join(' / ')}
                </td>
                {params.map(key => (
                  <td key={key} class="figure">
                    {typeof trial.params[key] === 'number'
                      ? Number(trial.params[key].toPrecision(4))
                      : String(trial.params[key] ?? '-')}
                  </td>
                ))}
                <td class="figure">{trial.steps.length}</td>
                <td>
                  {trial.runs.map(run => (
                    <a key={run} href={`#run=${run}`}>
                      {run.split('/')[1]}{' '}
                    </a>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > MOST_ROWS && (
        <p class="soft small">
          The first {MOST_ROWS} of {rows.length}; sort to see others.
        </p>
      )}
    </section>
  )
}
