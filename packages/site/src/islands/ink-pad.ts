// A place to draw a digit with a finger, a pen or a mouse; the keyboard takes a test digit instead.
import { likeMnist } from './like-mnist.ts'

/** Pixels of a pad's drawing, whatever its size on the page. */
export const PAD_SIZE = 252
const PEN = 20

export interface InkPad {
  clear(): void
  /** Shows a digit of 28 x 28 instead of a drawing. */
  show(pixels: Uint8Array): void
}

/** Makes a canvas a pad. @param onDrawn the drawing as a digit of MNIST, after every stroke */
export function inkPad(canvas: HTMLCanvasElement, onDrawn: (pixels: Uint8Array) => void): InkPad {
  canvas.width = PAD_SIZE
  canvas.height = PAD_SIZE
  const context = canvas.getContext('2d', { willReadFrequently: true })
  let last: { readonly x: number; readonly y: number } | undefined
  let isPicture = false
  const clear = () => {
    isPicture = false
    context?.clearRect(0, 0, PAD_SIZE, PAD_SIZE)
  }
  const position = (event: PointerEvent) => {
    const { left, top, width } = canvas.getBoundingClientRect()
    return { x: ((event.clientX - left) / width) * PAD_SIZE, y: ((event.clientY - top) / width) * PAD_SIZE }
  }
  const draw = (event: PointerEvent) => {
    if (!context || !last) return
    const to = position(event)
    Object.assign(context, { lineWidth: PEN, lineCap: 'round', strokeStyle: getComputedStyle(canvas).color })
    context.beginPath()
    context.moveTo(last.x, last.y)
    context.lineTo(to.x + 0.01, to.y)
    context.stroke()
    last = to
  }
  const finish = () => {
    if (!last) return
    last = undefined
    const drawn = context?.getImageData(0, 0, PAD_SIZE, PAD_SIZE)
    const pixels = drawn && likeMnist(drawn)
    if (pixels) onDrawn(pixels)
  }
  canvas.addEventListener('pointerdown', event => {
    canvas.setPointerCapture(event.pointerId)
    if (isPicture) clear()
    last = position(event)
    draw(event)
  })
  canvas.addEventListener('pointermove', draw)
  canvas.addEventListener('pointerup', finish)
  canvas.addEventListener('pointercancel', finish)
  return {
    clear,
    show(pixels) {
      clear()
      isPicture = true
      const scale = PAD_SIZE / 28
      if (!context) return
      context.fillStyle = getComputedStyle(canvas).color
      pixels.forEach((grey, i) => {
        context.globalAlpha = grey / 255
        context.fillRect((i % 28) * scale, Math.floor(i / 28) * scale, scale, scale)
      })
      context.globalAlpha = 1
    },
  }
}
