// The figures of a study, drawn when they are on the screen, and its parallel coordinates, which can be brushed.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import type * as PlotsModule from '@ddlf/lab/plots'
import type { Brush, FiguredStudy, StudyFigure, StudySection } from '@ddlf/lab/plots'
import { useWidth } from '../live-curves.tsx'
import { wordsOf } from './api.ts'
import { useImportance, type HeldStudy } from './study-state.ts'

export type Plots = typeof PlotsModule

/** Figures are drawn for this width; a narrower place gets them drawn narrower, with letters of the same size. */
const WIDE = 640

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

interface DrawnProps {
  readonly figure: StudyFigure
  readonly width: number
  readonly version: string
}

function Drawn({ figure, width, version }: DrawnProps) {
  const place = useRef<HTMLDivElement>(null)
  const near = useNear(place)
  const [svg, setSvg] = useState('')
  const [trouble, setTrouble] = useState('')
  useEffect(() => {
    if (!near) return
    // One figure after another: the page answers in between.
    const timer = setTimeout(() => {
      try {
        setSvg(figure.draw(width < WIDE ? { width } : {}))
        setTrouble('')
      } catch (error) {
        setTrouble(wordsOf(error))
      }
    })
    return () => clearTimeout(timer)
  }, [near, version, figure.name, width])
  if (trouble !== '') return <p class="soft small">{trouble}</p>
  return (
    <div
      ref={place}
      class={svg === '' ? 'study-figure empty' : 'study-figure'}
      data-figure={figure.name}
      dangerouslySetInnerHTML={{ __html: svg }}
    />
  )
}

interface FiguresProps {
  readonly study: HeldStudy
  readonly plots: Plots
  readonly brush: Brush
  readonly setBrush: (change: (before: Brush) => Brush) => void
}

export function StudyFigures({ study, plots, brush, setBrush }: FiguresProps) {
  const place = useRef<HTMLDivElement>(null)
  const width = useWidth(place, WIDE)
  const importance = useImportance(study)
  const { detail, figured } = study
  const sections = useMemo(() => plots.studySections(figured, importance), [detail.version, importance, plots])
  const version = `${detail.version} ${importance ? 'measured' : ''}`
  const waits = !importance && (detail.counts.complete ?? 0) > 1
  return (
    <div ref={place}>
      {sections.length === 0 && <p>Figures appear with the first complete trial.</p>}
      {sections.map(section => (
        <section key={section.title} aria-label={section.title}>
          <h3>{section.title}</h3>
          <p class="soft small">{section.text}</p>
          {section.title === 'Parallel coordinates' ? (
            <Parallel study={figured} version={detail.version} plots={plots} brush={brush} setBrush={setBrush} />
          ) : (
            <Figures section={section} width={width} version={version} />
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

const Figures = ({
  section,
  width,
  version,
}: {
  readonly section: StudySection
  readonly width: number
  readonly version: string
}) => (
  <div class="study-figures">
    {section.figures.map(figure => (
      <Drawn key={figure.name} figure={figure} width={width} version={version} />
    ))}
  </div>
)

interface ParallelProps {
  readonly study: FiguredStudy
  readonly version: string
  readonly plots: Plots
  readonly brush: Brush
  readonly setBrush: (change: (before: Brush) => Brush) => void
}

const between = (a: number, b: number): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]

/** Parallel coordinates: dragging along an axis keeps the trials whose values lie there. */
function Parallel({ study, version, plots, brush, setBrush }: ParallelProps) {
  const [drag, setDrag] = useState<{ readonly axis: string; readonly from: number }>()
  const frame = useRef(0)
  const place = useRef<HTMLDivElement>(null)
  const near = useNear(place)
  const axes = plots.parallelAxes(study)
  const size = plots.parallelSize(axes.length)
  const drawn = useRef('')
  const svg = useMemo(() => {
    // Nobody looks: it stays as it was, and takes no time from what is on the screen.
    if (near) drawn.current = plots.studyParallelFigure(study, { title: '', ...size, within: brush })
    return drawn.current
  }, [version, plots, brush, near])
  const placeOf = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const drawn = event.currentTarget.querySelector('svg')
    if (!drawn) return undefined
    const box = drawn.getBoundingClientRect()
    // Above the plot stands the key of the colours.
    const total = drawn.viewBox.baseVal.height
    const x = ((event.clientX - box.left) / box.width) * size.width
    const y = ((event.clientY - box.top) / box.height) * total - (total - size.height)
    return plots.parallelPlace(axes, size, { x, y })
  }
  const move = (axis: string, from: number, to: number) => {
    cancelAnimationFrame(frame.current)
    frame.current = requestAnimationFrame(() => setBrush(before => ({ ...before, [axis]: between(from, to) })))
  }
  const names = Object.keys(brush)
  return (
    <>
      <div class="scroll" tabindex={0} role="region" aria-label="Parallel coordinates, to brush">
        <div
          ref={place}
          class={svg === '' ? 'study-figure brushed empty' : 'study-figure brushed'}
          data-figure="parallel-coordinates"
          style={{ width: `${String(size.width)}px` }}
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
      </div>
      <p class="soft small" role="status">
        {names.length === 0 ? (
          'Drag along an axis to keep the trials that lie there.'
        ) : (
          <>
            {plots.brushedTrials(study, brush).size} trials kept along {names.join(', ')}.{' '}
            <button type="button" onClick={() => setBrush(() => ({}))}>
              Keep all
            </button>
          </>
        )}
      </p>
      <Limits study={study} axes={axes} plots={plots} brush={brush} setBrush={setBrush} />
    </>
  )
}

/** The same limits as sliders, for whom dragging along a line is not possible. */
function Limits({
  study,
  axes,
  plots,
  brush,
  setBrush,
}: Omit<ParallelProps, 'version'> & { readonly axes: readonly string[] }) {
  const slider = (axis: string, end: 0 | 1) => {
    const [low, high] = brush[axis] ?? [0, 1]
    const share = end === 0 ? low : high
    return (
      <label>
        {end === 0 ? 'from' : 'to'} {plots.parallelText(study, axis, share)}
        <input
          type="range"
          min={0}
          max={100}
          value={Math.round(100 * share)}
          aria-label={`${axis} ${end === 0 ? 'from' : 'to'}`}
          aria-valuetext={plots.parallelText(study, axis, share)}
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
