// Pictures of the reader's own: a file, or the frames of a camera. They are looked at in the page and go nowhere.
import type { Picture } from './ink-of-photo.ts'

/** Pixels of the longer side that is looked at. */
const LONGEST = 240
/** Milliseconds between two frames of the camera. */
const PAUSE = 300

interface PhotoSource {
  readonly file: HTMLInputElement
  readonly camera: HTMLButtonElement
  /** Where the camera's frames are seen. */
  readonly video: HTMLVideoElement
  readonly onPicture: (picture: Picture) => void
  readonly onTrouble: (words: string) => void
}

const canvas = document.createElement('canvas')

/** The pixels of a picture, made small; of a camera, the square in its middle. */
function pixelsOf(image: CanvasImageSource, width: number, height: number, isSquare: boolean): Picture | undefined {
  const [wide, high] = isSquare ? [Math.min(width, height), Math.min(width, height)] : [width, height]
  const scale = Math.min(1, LONGEST / Math.max(wide, high))
  const [columns, rows] = [Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale))]
  Object.assign(canvas, { width: columns, height: rows })
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return undefined
  context.drawImage(image, (width - wide) / 2, (height - high) / 2, wide, high, 0, 0, columns, rows)
  return context.getImageData(0, 0, columns, rows)
}

const CAMERA_TROUBLES: Readonly<Record<string, string>> = {
  NotAllowedError: 'The camera was not allowed. Allow it beside the page\'s address, or choose a photo.',
  NotFoundError: 'There is no camera here. Choose a photo instead.',
  NotReadableError: 'Another program has the camera. Close that, or choose a photo.',
}

/**
 * Offers both ways to a picture; the camera where the browser may have one.
 * @returns what ends the camera's pictures, where it gives any
 */
export function photoSource({ file, camera, video, onPicture, onTrouble }: PhotoSource): () => void {
  const take = async (chosen: File) => {
    try {
      const bitmap = await createImageBitmap(chosen)
      const picture = pixelsOf(bitmap, bitmap.width, bitmap.height, false)
      bitmap.close()
      if (picture) onPicture(picture)
    } catch {
      onTrouble(`${chosen.name} is no picture that this browser reads. Choose a PNG or a JPEG.`)
    }
  }
  file.disabled = false
  file.onchange = () => {
    const chosen = file.files?.[0]
    stop()
    if (chosen) void take(chosen)
    // So that the same file can be chosen again.
    file.value = ''
  }

  // Insecure pages have no cameras.
  const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices
  let stream: MediaStream | undefined
  let timer = 0
  const stop = () => {
    clearInterval(timer)
    stream?.getTracks().forEach(track => track.stop())
    stream = undefined
    video.hidden = true
    camera.textContent = 'Camera'
    camera.setAttribute('aria-pressed', 'false')
  }
  const begin = async (source: MediaDevices) => {
    camera.disabled = true
    try {
      stream = await source.getUserMedia({ video: { facingMode: 'environment' } })
      video.srcObject = stream
      video.hidden = false
      await video.play()
      camera.textContent = 'Stop the camera'
      camera.setAttribute('aria-pressed', 'true')
      timer = window.setInterval(() => {
        const picture = video.videoWidth > 0 && pixelsOf(video, video.videoWidth, video.videoHeight, true)
        if (picture) onPicture(picture)
      }, PAUSE)
    } catch (error) {
      stop()
      const name = error instanceof Error ? error.name : ''
      onTrouble(CAMERA_TROUBLES[name] ?? `The camera could not be started (${name}). Choose a photo instead.`)
    } finally {
      camera.disabled = false
    }
  }
  if (devices) {
    camera.hidden = false
    camera.onclick = () => (stream ? stop() : void begin(devices))
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && stream) stop()
  })
  return stop
}
