// A place to draw a digit, or to take one of the test set, and what the model makes of it.
import { useEffect, useRef, useState } from 'preact/hooks'
import { likeMnist } from './like-mnist.ts'

interface DigitPadProps {
  readonly ready: boolean
  readonly prediction: { readonly probabilities: readonly number[]; readonly saliency: Float32Array } | undefined
  readonly example: { readonly pixels: Uint8Array; readonly label: number } | undefined
  readonly onDrawn: (pixels: Uint8Array) => void
  readonly onExample: (index: number) => void
}

const SIZE = 252

export function DigitPad({ ready, prediction, example, onDrawn, onExample }: DigitPadProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const seen = useRef<HTMLCanvasElement>(null)
  const [pixels, setPixels] = useState<Uint8Array>()
  const [label, setLabel] = useState<number>()
  const [index, setIndex] = useState(0)
  const last = useRef<{ x: number; y: number } | undefined>(undefined)

  const context = () => canvas.current?.getContext('2d', { willReadFrequently: true }) ?? undefined
  const clear = () => {
    context()?.clearRect(0, 0, SIZE, SIZE)
    setPixels(undefined)
    setLabel(undefined)
  }
  const position = (event: PointerEvent) => {
    const { left, top, width } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    return { x: ((event.clientX - left) / width) * SIZE, y: ((event.clientY - top) / width) * SIZE }
  }
  const draw = (event: PointerEvent) => {
    const pen = context()
    if (!pen || !last.current) return
    const to = position(event)
    pen.lineWidth = 20
    pen.lineCap = 'round'
    pen.strokeStyle = '#000'
    pen.beginPath()
    pen.moveTo(last.current.x, last.current.y)
    pen.lineTo(to.x + 0.01, to.y)
    pen.stroke()
    last.current = to
  }
  const finish = () => {
    if (!last.current) return
    last.current = undefined
    const drawn = context()?.getImageData(0, 0, SIZE, SIZE)
    const grey = drawn && likeMnist(drawn)
    if (!grey) return
    setPixels(grey)
    setLabel(undefined)
    onDrawn(grey)
  }
  useEffect(() => {
    if (!example) return
    context()?.clearRect(0, 0, SIZE, SIZE)
    setPixels(example.pixels)
    setLabel(example.label)
  }, [example])
  // What the model sees, and under it in orange what the answer depends on.
  useEffect(() => {
    const view = seen.current?.getContext('2d')
    if (!view) return
    view.clearRect(0, 0, 56, 28)
    if (!pixels) return
    const image = view.createImageData(56, 28)
    const peak = prediction?.saliency.reduce((a, b) => Math.max(a, b), 0) || 1
    for (let y = 0; y < 28; y++) {
      for (let x = 0; x < 28; x++) {
        const ink = pixels[y * 28 + x] ?? 0
        const heat = (prediction?.saliency[y * 28 + x] ?? 0) / peak
        image.data.set([255 - ink, 255 - ink, 255 - ink, 255], (y * 56 + x) * 4)
        image.data.set([255 - 38 * heat, 255 - 153 * heat, 255 - 245 * heat, 255], (y * 56 + 28 + x) * 4)
      }
    }
    view.putImageData(image, 0, 0)
  }, [pixels, prediction])

  const probabilities = pixels ? prediction?.probabilities : undefined
  const best = probabilities?.indexOf(Math.max(...probabilities))
  return (
    <section class="digit" aria-label="Try the model on a digit">
      <div>
        <p><strong>Draw a digit</strong> {ready ? '' : <span class="soft small">(train first)</span>}</p>
        <canvas ref={canvas} class="pad" width={SIZE} height={SIZE} role="img" aria-label="Drawing area; with the keyboard, use the button for a test digit"
          onPointerDown={event => { event.currentTarget.setPointerCapture(event.pointerId); last.current = position(event); draw(event) }}
          onPointerMove={draw} onPointerUp={finish} onPointerCancel={finish} />
        <p class="go">
          <button type="button" onClick={clear}>Clear</button>
          <button type="button" disabled={!ready} onClick={() => { onExample(index); setIndex(index + 1) }}>Take a test digit</button>
        </p>
      </div>
      <div>
        <p>What the model sees, and the pixels its answer hangs on</p>
        <canvas ref={seen} class="seen" width={56} height={28} role="img" aria-label="The digit as the model sees it, and its saliency" />
        <p role="status" data-answer={best}>{best === undefined || !probabilities ? ' ' : `It says ${best}, ${(100 * (probabilities[best] ?? 0)).toFixed(1)} % sure${label === undefined ? '' : `; it is a ${label}`}.`}</p>
        <ol class="bars" start={0}>
          {Array.from({ length: 10 }, (_, digit) => {
            const share = probabilities?.[digit] ?? 0
            return <li key={digit}><span>{digit}</span><meter min={0} max={1} value={share} aria-label={`Probability of ${digit}`} /><span>{probabilities ? `${(100 * share).toFixed(1)} %` : ''}</span></li>
          })}
        </ol>
      </div>
    </section>
  )
}
