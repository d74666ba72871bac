// The figures of a study, drawn when they are on the screen, and its parallel coordinates, which can be brushed.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import {
  brushedTrials, parallelAxes, parallelText, shownSections, type Brush, type FiguredStudy, type ShownFigure,
} from '@ddlf/lab/study-figures'
import { barChart } from '../../charts/bar-chart.ts'
import { placedDots, planeChart, planeFrame, type PlaneChart } from '../../charts/plane-chart.ts'
import { parallelChart, parallelFrame, placeOnAxis } from '../../charts/study/parallel-chart.ts'
import { studyChart, type NumbersTable, type StudyChart } from '../../charts/study/study-charts.ts'
import { useWidth } from '../live-curves.tsx'
import { wordsOf } from './api.ts'
import { useImportance, type HeldStudy } from './study-state.ts'
import '../../styles/charts.css'

/** Whether a place is on the screen or near it. */
function useNear(place: RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (!place.current) return
    const watch = new IntersectionObserver(
      entries => setNear(entries.some(({ isIntersecting }) => isIntersecting)),
      { rootMargin: '400px' },
    )
    watch.observe(place.current)
    return () => watch.disconnect()
  }, [])
  return near
}

/** Rows of a table of numbers: the table of trials holds all. */
const MOST_ROWS = 200

/** The numbers of a chart, made when they are opened. */
function Numbers({ numbers: { head, rows }, name }: { readonly numbers: NumbersTable; readonly name: string }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="numbers" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Numbers</summary>
      {isOpen && (
        <div class="scroll" tabindex={0} role="region" aria-label={`${name} as a table`}>
          <table>
            <thead>
              <tr>{head.map(title => <th key={title} scope="col" class="figure">{title}</th>)}</tr>
            </thead>
            <tbody>
              {rows.slice(0, MOST_ROWS).map((row, i) => (
                <tr key={i}>{row.map((value, c) => <td key={c} class="figure">{value}</td>)}</tr>
              ))}
            </tbody>
          </table>
          {rows.length > MOST_ROWS && (
            <p class="soft small">The first {MOST_ROWS} of {rows.length}; the table of trials below holds all.</p>
          )}
        </div>
      )}
    </details>
  )
}

/** Reads the dots of a chart, by the pointer and by the keys left and right. */
function useReading(chart: PlaneChart | undefined, width: number) {
  const [at, setAt] = useState<number>()
  const frame = useMemo(() => chart && planeFrame(chart, width), [chart, width])
  const dots = useMemo(() => {
    const placed = chart && frame ? placedDots(chart.dots, frame) : []
    return placed.sort((a, b) => a.place[0] - b.place[0])
  }, [chart, frame])
  const read = at === undefined ? undefined : dots[at]
  return {
    read,
    move: (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
      const svg = event.currentTarget.querySelector('svg')
      if (!svg || dots.length === 0) return
      const box = svg.getBoundingClientRect()
      const scale = width / box.width
      const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale]
      const away = dots.map(({ place: [toX, toY] }) => Math.hypot(toX - x, toY - y))
      setAt(away.indexOf(Math.min(...away)))
    },
    press: (event: KeyboardEvent) => {
      const to = { ArrowLeft: (at ?? 1) - 1, ArrowRight: (at ?? -1) + 1, Home: 0, End: dots.length - 1 }[event.key]
      if (to === undefined || dots.length === 0) return
      event.preventDefault()
      setAt(Math.max(0, Math.min(dots.length - 1, to)))
    },
    leave: () => setAt(undefined),
  }
}

interface DrawnProps {
  readonly study: FiguredStudy
  readonly name: string
  readonly shown: Exclude<ShownFigure, { kind: 'parallel' }>
  readonly version: string
}

/** A chart as wide as its place, with a table of its numbers. */
function Drawn({ study, name, shown, version }: DrawnProps) {
  const place = useRef<HTMLElement>(null)
  const near = useNear(place)
  const width = useWidth(place, 320)
  const [made, setMade] = useState<StudyChart>()
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    if (!near) return
    // One figure after another: the page answers in between.
    const timer = setTimeout(() => {
      try {
        setMade(studyChart(study, shown))
        setTrouble('')
      } catch (error) {
        setTrouble(wordsOf(error))
      }
    })
    return () => clearTimeout(timer)
  }, [near, version, name, shown.kind === 'importance' ? shown.methods : undefined])
  const plane = made && 'dots' in made.chart ? made.chart : undefined
  const reading = useReading(plane, width)
  const svg = useMemo(() => {
    if (!made) return ''
    return 'dots' in made.chart ? planeChart(made.chart, width) : barChart(made.chart, width)
  }, [made, width])
  const { read } = reading
  return (
    <figure ref={place} class={svg === '' ? 'study-figure empty' : 'study-figure'} data-figure={name}>
      {trouble !== '' && <p class="soft small">{trouble}</p>}
      <div
        class="chart-place"
        {...(plane && {
          tabindex: 0,
          role: 'group',
          'aria-label': `${name}. Left and right read the trials.`,
          onPointerMove: reading.move,
          onPointerLeave: reading.leave,
          onKeyDown: reading.press,
          onBlur: reading.leave,
        })}
      >
        <div class="drawing">
          <div dangerouslySetInnerHTML={{ __html: svg }} />
          {read && <span class="read-dot" style={{ left: `${read.place[0]}px`, top: `${read.place[1]}px` }} />}
        </div>
        {plane && <p class="reading" role="status">{read?.said ?? ''}</p>}
      </div>
      {made && <Numbers numbers={made.numbers} name={name} />}
    </figure>
  )
}

interface FiguresProps {
  readonly study: HeldStudy
  readonly brush: Brush
  readonly setBrush: (change: (before: Brush) => Brush) => void
}

export function StudyFigures({ study, brush, setBrush }: FiguresProps) {
  const importance = useImportance(study)
  const { detail, figured } = study
  const sections = useMemo(() => shownSections(figured, importance), [detail.version, importance])
  const version = `${detail.version} ${importance ? 'measured' : ''}`
  const waits = !importance && (detail.counts.complete ?? 0) > 1
  return (
    <div>
      {sections.length === 0 && <p>Figures appear with the first complete trial.</p>}
      {sections.map(({ title, text, figures }) => (
        <section key={title} aria-label={title}>
          <h3>{title}</h3>
          <p class="soft small">{text}</p>
          {title === 'Parallel coordinates' ? (
            <Parallel study={figured} version={detail.version} brush={brush} setBrush={setBrush} />
          ) : (
            <div class={figures.length > 1 ? 'study-figures many' : 'study-figures'}>
              {figures.map(({ name, shown }) =>
                shown.kind === 'parallel' ? null : (
                  <Drawn key={name} study={figured} name={name} shown={shown} version={version} />
                ),
              )}
            </div>
          )}
        </section>
      ))}
      {waits && (
        <p class="soft small" role="status">
          The importance of the parameters is being measured ...
        </p>
      )}
    </div>
  )
}

interface ParallelProps extends Omit<FiguresProps, 'study'> {
  readonly study: FiguredStudy
  readonly version: string
}

const between = (a: number, b: number): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]

/** Parallel coordinates: dragging along an axis keeps the trials whose values lie there. */
function Parallel({ study, version, brush, setBrush }: ParallelProps) {
  const [drag, setDrag] = useState<{ readonly axis: string; readonly from: number }>()
  const request = useRef(0)
  const place = useRef<HTMLDivElement>(null)
  const near = useNear(place)
  const width = useWidth(place, 640)
  const axes = parallelAxes(study)
  const frame = parallelFrame(axes, width)
  const drawn = useRef('')
  const svg = useMemo(() => {
    // Nobody looks: it stays as it was, and takes no time from what is on the screen.
    if (near) drawn.current = parallelChart(study, brush, width)
    return drawn.current
  }, [version, brush, near, width])
  const placeOf = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const box = event.currentTarget.querySelector('svg')?.getBoundingClientRect()
    if (!box) return undefined
    const scale = frame.width / box.width
    return placeOnAxis(frame, [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale])
  }
  const move = (axis: string, from: number, to: number) => {
    cancelAnimationFrame(request.current)
    request.current = requestAnimationFrame(() => setBrush(before => ({ ...before, [axis]: between(from, to) })))
  }
  const names = Object.keys(brush)
  return (
    <>
      <div
        ref={place}
        class={`study-figure brushed ${svg === '' ? 'empty' : ''} ${frame.isStacked ? 'stacked' : ''}`}
        data-figure="parallel-coordinates"
        onPointerDown={event => {
          const at = placeOf(event)
          if (!at) return
          setDrag({ axis: at.axis, from: at.share })
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={event => {
          const at = drag && placeOf(event)
          if (at) move(drag.axis, drag.from, at.share)
        }}
        onPointerUp={() => setDrag(undefined)}
        onPointerCancel={() => setDrag(undefined)}
        dangerouslySetInnerHTML={{ __html: svg }}
      />
      <p class="soft small" role="status">
        {names.length === 0 ? (
          'Drag along an axis to keep the trials that lie there.'
        ) : (
          <>
            {brushedTrials(study, brush).size} trials kept along {names.join(', ')}.{' '}
            <button type="button" onClick={() => setBrush(() => ({}))}>
              Keep all
            </button>
          </>
        )}
      </p>
      <Limits study={study} axes={axes} brush={brush} setBrush={setBrush} />
    </>
  )
}

/** The same limits as sliders, for whom dragging along a line is not possible. */
function Limits({
  study,
  axes,
  brush,
  setBrush,
}: Omit<ParallelProps, 'version'> & { readonly axes: readonly string[] }) {
  const slider = (axis: string, end: 0 | 1) => {
    const [low, high] = brush[axis] ?? [0, 1]
    const share = end === 0 ? low : high
    return (
      <label>
        {end === 0 ? 'from' : 'to'} {parallelText(study, axis, share)}
        <input
          type="range"
          min={0}
          max={100}
          value={Math.round(100 * share)}
          aria-label={`${axis} ${end === 0 ? 'from' : 'to'}`}
          aria-valuetext={parallelText(study, axis, share)}
          onInput={event => {
            const value = Number(event.currentTarget.value) / 100
            setBrush(before => ({ ...before, [axis]: end === 0 ? between(value, high) : between(low, value) }))
          }}
        />
      </label>
    )
  }
  return (
    <details class="more">
      <summary>Limits as sliders</summary>
      <div class="fields">
        {axes.map(axis => (
          <fieldset key={axis} class="field">
            <legend>{axis}</legend>
            {slider(axis, 0)}
            {slider(axis, 1)}
          </fieldset>
        ))}
      </div>
    </details>
  )
}
