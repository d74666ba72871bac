// What the model mistakes, and what its first layer looks at, while it trains.
import { useEffect, useRef } from 'preact/hooks'
import type { Snapshot } from '../workers/messages.ts'

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit))

/** @param props `classes`: their names, the digits where left out */
export function ConfusionTable({ snapshot, classes = DIGITS }: { readonly snapshot: Pick<Snapshot, 'examples' | 'confusion'> | undefined; readonly classes?: readonly string[] }) {
  const largest = Math.max(1, ...(snapshot?.confusion.flatMap((row, truth) => row.filter((_, prediction) => prediction !== truth)) ?? []))
  return (
    <figure class="confusion">
      <figcaption>Confusion matrix{snapshot && ` over ${snapshot.examples.toLocaleString('en-US')} test ${classes === DIGITS ? 'digits' : 'examples'}`}: rows are what it is, columns what the model says</figcaption>
      <table>
        <thead><tr><th scope="col"><span class="unseen">{classes === DIGITS ? 'digit' : 'class'}</span></th>{classes.map(name => <th key={name} scope="col">{name}</th>)}</tr></thead>
        <tbody>
          {classes.map((name, truth) => {
            const row = snapshot?.confusion[truth]
            const total = row?.reduce((a, b) => a + b, 0) ?? 0
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                {classes.map((_, prediction) => {
                  const count = row?.[prediction] ?? 0
                  const depth = total === 0 ? 0 : truth === prediction ? count / total : count / largest
                  return <td key={prediction} class={truth === prediction ? 'right' : 'wrong'} style={`--depth: ${(100 * depth).toFixed(0)}%`}>{row ? count : ''}</td>
                })}
              </tr>
            )
          })}
        </tbody>
      </table>
    </figure>
  )
}

const COLUMNS = 8
const SIDE = 28

export function Filters({ snapshot }: { readonly snapshot: Snapshot | undefined }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const filters = snapshot?.filters ?? []
  const rows = Math.max(1, Math.ceil(filters.length / COLUMNS))
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context || filters.length === 0) return
    const dark = getComputedStyle(document.documentElement).colorScheme === 'dark'
    context.clearRect(0, 0, COLUMNS * (SIDE + 1), rows * (SIDE + 1))
    filters.forEach((weights, unit) => {
      const peak = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1
      const image = context.createImageData(SIDE, SIDE)
      weights.forEach((weight, pixel) => {
        // Blue looks for ink, orange for paper.
        const share = weight / peak
        const [r, g, b] = share > 0 ? [47, 127, 214] : [217, 102, 10]
        const ground = dark ? 23 : 255
        const mix = (channel: number) => ground + (channel - ground) * Math.abs(share)
        image.data.set([mix(r), mix(g), mix(b), 255], pixel * 4)
      })
      context.putImageData(image, (unit % COLUMNS) * (SIDE + 1), Math.floor(unit / COLUMNS) * (SIDE + 1))
    })
  }, [snapshot])
  return (
    <figure class="filters">
      <figcaption>First-layer weights of {filters.length > 0 ? filters.length : 'the first'} units: blue looks for ink, orange for paper</figcaption>
      <canvas ref={canvas} width={COLUMNS * (SIDE + 1)} height={(filters.length > 0 ? rows : 4) * (SIDE + 1)} role="img" aria-label="First-layer weights as pictures" />
    </figure>
  )
}
