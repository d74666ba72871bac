// The rows of the list of runs: only those in the window are in the page, however many there are.
import { useEffect, useRef, useState } from 'preact/hooks'
import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core'
import type { RunRow, RunSpark } from '@ddlf/lab/server'
import { metricName, metricText } from './api.ts'
import { Spark } from './spark.tsx'
import { useSpark, type HeldRuns } from './use-runs.ts'
import { dateWords, durationWords, epochsOf, kindOf, resultOf, settingsWords, titleOf } from './run-words.ts'

/** Pixels of a row; on a phone it has three lines. */
const HEIGHT = { wide: 60, phone: 92 }
const phone = () => matchMedia('(max-width: 40rem)')

/** Where a row leads: a run to its page, several seeds to their comparison. */
export const placeOf = ({ members, name }: RunRow): string =>
  members.length > 1 ? `#compare=${members.slice(0, 12).map(one => one.name).join(',')}` : `#run=${name}`

/** How a run went. */
export function Outcome({ row }: { readonly row: Pick<RunRow, 'outcome'> & { readonly members?: RunRow['members'] } }) {
  const outcomes = row.members?.map(({ outcome }) => outcome) ?? [row.outcome]
  const worst = outcomes.find(one => one === 'running') ?? outcomes.find(one => kindOf(one) === 'bad') ?? row.outcome
  const same = outcomes.filter(one => one === worst).length
  return (
    <span class={`badge ${kindOf(worst)} ${worst === 'running' ? 'live' : ''}`}>
      {worst}
      {outcomes.length > 1 && same < outcomes.length && ` ${same} of ${outcomes.length}`}
    </span>
  )
}

interface RowProps {
  readonly row: RunRow
  readonly index: number
  readonly chosen: boolean
  readonly isCurrent: boolean
  readonly toggle: (row: RunRow) => void
}

/** How far a run is: `2 of 40`. */
function epochsWords(row: RunRow, reached: number | undefined): string {
  const epochs = epochsOf(row.config)
  if (epochs === 0) return ''
  if (row.outcome === 'finished' && reached === undefined) return String(epochs)
  // What learns by counting has ended after one, whatever its settings ask for; patience needs a second.
  if (row.outcome === 'finished' && reached === 1) return '1'
  return reached === undefined ? '' : `${Number(reached.toFixed(reached < epochs ? 1 : 0))} of ${epochs}`
}

/** What a run that did not come to its end measured last. */
function lastSeen(row: RunRow, spark: RunSpark | undefined): ReturnType<typeof resultOf> {
  const last = spark?.values.at(-1)
  if (!spark?.metric || last === undefined || last === null) return undefined
  const [title, epoch] = [metricName(row.described, spark.metric), Number(spark.epoch.toPrecision(3))]
  return { value: metricText(row.described, spark.metric, last), title: `${title}, at epoch ${epoch}` }
}

function Row({ row, index, chosen, isCurrent, toggle }: RowProps) {
  const spark = useSpark(row.name, row.status === 'running')
  const result = resultOf(row) ?? lastSeen(row, spark)
  const seeds = row.members.length > 1 ? `${row.members.length} seeds` : `seed ${row.seed}`
  const epochs = epochsWords(row, spark?.epoch)
  return (
    <tr aria-rowindex={index + 2} data-index={index} class={isCurrent ? 'current' : undefined}>
      <td>
        <input type="checkbox" checked={chosen} onChange={() => toggle(row)} aria-label={`Compare ${row.name}`} />
      </td>
      <td class="what">
        <a href={placeOf(row)} title={settingsWords(row.given)}>
          {titleOf(row)}
        </a>
        <span class="soft small">
          {row.experiment}, {seeds}, {dateWords(row.createdAt)}
          {row.study && (
            <>
              {', '}
              <a href={`#study=${encodeURIComponent(row.study.name)}`}>
                trial {row.study.trial} of {row.study.name}
              </a>
            </>
          )}
          {row.notes.tags.map(tag => ` #${tag}`).join('')}
        </span>
        <span class="phone small">
          <Outcome row={row} /> {result && `${result.title} ${result.value}`}
        </span>
      </td>
      <td>
        <Spark values={spark?.values ?? []} />
      </td>
      <td class="figure">
        {result?.value}
        <span class="soft small">{result?.title}</span>
      </td>
      <td class="figure">{epochs}</td>
      <td class="figure">{row.seconds === null ? '' : durationWords(row.seconds)}</td>
      <td>
        <Outcome row={row} />
      </td>
    </tr>
  )
}

/** The rows in the window, and how much lies above and below. */
function useWindowed(count: number, onRange: (range: readonly [number, number]) => void) {
  const [, draw] = useState(0)
  const body = useRef<HTMLTableSectionElement>(null)
  const height = () => (phone().matches ? HEIGHT.phone : HEIGHT.wide)
  const made = useRef<Virtualizer<Window, HTMLElement>>(undefined)
  const options = {
    count,
    getScrollElement: () => window,
    estimateSize: height,
    scrollMargin: body.current ? body.current.getBoundingClientRect().top + scrollY : 0,
    overscan: 8,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => draw(n => n + 1),
  }
  made.current ??= new Virtualizer<Window, HTMLElement>(options)
  made.current.setOptions(options)
  useEffect(() => made.current?._didMount(), [])
  useEffect(() => made.current?._willUpdate())
  const items = made.current.getVirtualItems()
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0]
  useEffect(() => onRange([first, last]), [first, last])
  const above = first * height()
  const shown = items.map(({ index }) => index)
  const below = Math.max(0, count - (shown.length > 0 ? last + 1 : 0)) * height()
  return { body, shown, above, below, reveal: (index: number) => made.current?.scrollToIndex(index) }
}

interface RowsProps {
  readonly runs: HeldRuns
  readonly chosen: ReadonlySet<string>
  readonly toggle: (row: RunRow) => void
  readonly onRange: (range: readonly [number, number]) => void
  /** Keys that are not the table's own. */
  readonly onKey: (key: string) => boolean
}

const Space = ({ height }: { readonly height: number }) =>
  height > 0 ? (
    <tr aria-hidden="true" class="space" style={{ height: `${height}px` }}>
      <td colSpan={7} />
    </tr>
  ) : null

/** The table. j and k move along the rows, x chooses one, Enter opens it. */
export function RunRows({ runs, chosen, toggle, onRange, onKey }: RowsProps) {
  const count = runs.total ?? 0
  const { body, shown, above, below, reveal } = useWindowed(count, onRange)
  const [current, setCurrent] = useState(-1)
  const press = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
    const row = runs.row(current)
    const step = { j: 1, k: -1 }[event.key]
    if (step !== undefined) {
      const next = Math.max(0, Math.min(count - 1, current + step))
      setCurrent(next)
      if (!shown.includes(next)) reveal(next)
      else body.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: 'nearest' })
    } else if (event.key === 'x' && row) toggle(row)
    else if (event.key === 'Enter' && row && !(event.target instanceof HTMLAnchorElement)) location.hash = placeOf(row)
    else if (!onKey(event.key)) return
    event.preventDefault()
  }
  const said = runs.row(current)
  return (
    <div
      class="runs-region"
      tabindex={0}
      role="region"
      aria-label="Table of runs. j and k move along it, x chooses a run, Enter opens it, c compares, n starts a run."
      onKeyDown={press}
    >
      <table class="runs" aria-rowcount={count + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <span class="unseen">compare</span>
            </th>
            <th scope="col">run</th>
            <th scope="col">curve</th>
            <th scope="col" class="figure">
              result
            </th>
            <th scope="col" class="figure">
              epochs
            </th>
            <th scope="col" class="figure">
              time
            </th>
            <th scope="col">how it went</th>
          </tr>
        </thead>
        <tbody ref={body}>
          <Space height={above} />
          {shown.map(index => {
            const row = runs.row(index)
            return row ? (
              <Row
                key={row.name}
                row={row}
                index={index}
                chosen={row.members.every(({ name }) => chosen.has(name))}
                isCurrent={index === current}
                toggle={toggle}
              />
            ) : (
              <tr key={index} aria-rowindex={index + 2} class="coming">
                <td colSpan={7}>...</td>
              </tr>
            )
          })}
          <Space height={below} />
        </tbody>
      </table>
      <p class="unseen" role="status">
        {said && `${titleOf(said)}, ${said.outcome}, ${resultOf(said)?.value ?? ''}`}
      </p>
    </div>
  )
}
