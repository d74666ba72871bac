// What the model mistakes, and what its first layer looks at, while it trains.
import { useEffect, useRef } from 'preact/hooks'
import type { Snapshot } from '../workers/messages.ts'
import { drawWeights, weightColours } from './weight-picture.ts'

const DIGITS = Array.from({ length: 10 }, (_, digit) => String(digit))

/** @param props `classes`: their names, the digits where left out */
export function ConfusionTable({
  snapshot,
  classes = DIGITS,
}: {
  readonly snapshot: Pick<Snapshot, 'examples' | 'confusion'> | undefined
  readonly classes?: readonly string[]
}) {
  const largest = Math.max(
    1,
    ...(snapshot?.confusion.flatMap((row, truth) => row.filter((_, prediction) => prediction !== truth)) ?? []),
  )
  return (
    <figure class="confusion">
      <figcaption>
        Confusion matrix
        {snapshot &&
          ` over ${snapshot.examples.toLocaleString('en-US')} test ${classes === DIGITS ? 'digits' : 'examples'}`}
        : rows are what it is, columns what the model says
      </figcaption>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">{classes === DIGITS ? 'digit' : 'class'}</span>
            </th>
            {classes.map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
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
                  return (
                    <td
                      key={prediction}
                      class={truth === prediction ? 'right' : 'wrong'}
                      style={`--depth: ${(100 * depth).toFixed(0)}%`}
                    >
                      {row ? count : ''}
                    </td>
                  )
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
    context.clearRect(0, 0, COLUMNS * (SIDE + 1), rows * (SIDE + 1))
    const colours = weightColours()
    filters.forEach((weights, unit) => {
      const place = [(unit % COLUMNS) * (SIDE + 1), Math.floor(unit / COLUMNS) * (SIDE + 1)] as const
      drawWeights(context, weights, SIDE, place, colours)
    })
  }, [snapshot])
  return (
    <figure class="filters">
      <figcaption>
        First-layer weights of {filters.length > 0 ? filters.length : 'the first'} units: orange looks for ink, blue for
        paper
      </figcaption>
      <canvas
        ref={canvas}
        width={COLUMNS * (SIDE + 1)}
        height={(filters.length > 0 ? rows : 4) * (SIDE + 1)}
        role="img"
        aria-label="First-layer weights as pictures"
      />
    </figure>
  )
}
