// A curve as small as a word.
const WIDTH = 90
const HEIGHT = 18

/** @param values null or not finite where nothing can be drawn */
export function Spark({ values }: { readonly values: readonly (number | null)[] }) {
  const drawn = values.flatMap((value, i) => (value !== null && Number.isFinite(value) ? [[i, value] as const] : []))
  if (drawn.length === 0) return null
  const all = drawn.map(([, value]) => value)
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const points = drawn.map(([i, value]) => {
    const x = values.length > 1 ? (i / (values.length - 1)) * (WIDTH - 4) + 2 : WIDTH / 2
    const y = high > low ? HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4) : HEIGHT / 2
    return [x.toFixed(1), y.toFixed(1)] as const
  })
  const [x, y] = points.at(-1) ?? ['0', '0']
  return (
    <svg class="spark" aria-hidden="true" viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      <polyline points={points.map(point => point.join(',')).join(' ')} />
      <circle cx={x} cy={y} r="1.8" />
    </svg>
  )
}
