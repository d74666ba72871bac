// A place to draw a digit, or to take one of the test set, and what the model makes of it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { inkPad, type InkPad } from './ink-pad.ts'
import { drawInk, drawWeights, weightColours } from './weight-picture.ts'

interface DigitPadProps {
  readonly ready: boolean
  readonly prediction: { readonly probabilities: readonly number[]; readonly saliency: Float32Array } | undefined
  readonly example: { readonly pixels: Uint8Array; readonly label: number } | undefined
  readonly onDrawn: (pixels: Uint8Array) => void
  readonly onExample: (index: number) => void
}

const SIDE = 28

/** What the model sees, and beside it in orange what the answer depends on. */
function drawSeen(
  canvas: HTMLCanvasElement | null,
  pixels: Uint8Array | undefined,
  saliency: Float32Array | undefined,
) {
  const view = canvas?.getContext('2d')
  if (!view) return
  view.clearRect(0, 0, 2 * SIDE, SIDE)
  if (!pixels) return
  const colours = weightColours()
  drawInk(view, pixels, SIDE, [0, 0], colours)
  drawWeights(view, saliency ?? new Float32Array(SIDE * SIDE), SIDE, [SIDE, 0], colours)
}

export function DigitPad({ ready, prediction, example, onDrawn, onExample }: DigitPadProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const seen = useRef<HTMLCanvasElement>(null)
  const pad = useRef<InkPad | undefined>(undefined)
  const [pixels, setPixels] = useState<Uint8Array>()
  const [label, setLabel] = useState<number>()
  const [index, setIndex] = useState(0)

  const show = (image: Uint8Array | undefined, truth?: number) => {
    setPixels(image)
    setLabel(truth)
  }
  useEffect(() => {
    if (!canvas.current) return
    pad.current = inkPad(canvas.current, drawn => {
      show(drawn)
      onDrawn(drawn)
    })
  }, [])
  useEffect(() => {
    if (!example) return
    pad.current?.show(example.pixels)
    show(example.pixels, example.label)
  }, [example])
  useEffect(() => drawSeen(seen.current, pixels, prediction?.saliency), [pixels, prediction])

  const clear = () => {
    pad.current?.clear()
    show(undefined)
  }
  const take = () => {
    onExample(index)
    setIndex(index + 1)
  }
  const probabilities = pixels ? prediction?.probabilities : undefined
  const best = probabilities?.indexOf(Math.max(...probabilities))
  const truth = label === undefined ? '' : `; it is a ${label}`
  return (
    <section class="digit" aria-label="Try the model on a digit">
      <div>
        <p>
          <strong>Draw a digit</strong> {ready ? '' : <span class="soft small">(train first)</span>}
        </p>
        <canvas
          ref={canvas}
          class="pad"
          role="img"
          aria-label="Drawing area; with the keyboard, use the button for a test digit"
        />
        <p class="go">
          <button type="button" onClick={clear}>
            Clear
          </button>
          <button type="button" disabled={!ready} onClick={take}>
            Take a test digit
          </button>
        </p>
      </div>
      <div>
        <p>What the model sees, and the pixels its answer hangs on</p>
        <canvas
          ref={seen}
          class="seen"
          width={2 * SIDE}
          height={SIDE}
          role="img"
          aria-label="The digit as the model sees it, and its saliency"
        />
        <p role="status" data-answer={best}>
          {best === undefined || !probabilities
            ? ' '
            : `It says ${best}, ${(100 * (probabilities[best] ?? 0)).toFixed(1)} % sure${truth}.`}
        </p>
        <ol class="bars" start={0}>
          {Array.from({ length: 10 }, (_, digit) => {
            const share = probabilities?.[digit] ?? 0
            return (
              <li key={digit}>
                <span>{digit}</span>
                <meter min={0} max={1} value={share} aria-label={`Probability of ${digit}`} />
                <span>{probabilities ? `${(100 * share).toFixed(1)} %` : ''}</span>
              </li>
            )
          })}
        </ol>
      </div>
    </section>
  )
}
