// What a finished run of a classifier gets wrong: the confusion matrix and the pictures it was most sure about.
import { useEffect, useRef } from 'preact/hooks'
import type { ClassMistakes, RunMistakes } from '@ddlf/lab/server'
import { ConfusionTable } from '../snapshot-views.tsx'
import { PredictionsView } from './predictions-view.tsx'

function Picture({ pixels, shape }: { readonly pixels: string; readonly shape: readonly number[] }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [channels = 1, height = 1, width = 1] = shape
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (!context) return
    const bytes = Uint8Array.from(atob(pixels), character => character.charCodeAt(0))
    const image = context.createImageData(width, height)
    const area = width * height
    for (let p = 0; p < area; p++) {
      const at = (channel: number) => (channels === 1 ? 255 - (bytes[p] ?? 0) : (bytes[channel * area + p] ?? 0))
      image.data.set([at(0), at(1), at(2), 255], p * 4)
    }
    context.putImageData(image, 0, 0)
  }, [pixels])
  return <canvas ref={canvas} width={width} height={height} />
}

/** A matrix of more classes than these fits no page. */
const MOST_CLASSES = 20

/** What the data are called that judged the run. */
const partOf = ({ part }: RunMistakes) => (part === 'test' ? 'the test set' : 'the validation part')

function ClassMistakesView({ found }: { readonly found: ClassMistakes }) {
  const name = (index: number) => found.classes[index] ?? String(index)
  const examples = found.confusion.flat().reduce((a, b) => a + b, 0)
  return (
    <div class="trainer">
      {found.classes.length <= MOST_CLASSES && (
        <ConfusionTable snapshot={{ examples, confusion: found.confusion }} classes={found.classes} />
      )}
      {found.mistakes.length === 0 && <p>No mistake on {partOf(found)}.</p>}
      <ul class={found.shape ? 'gallery' : 'gallery texts'}>
        {found.mistakes.map(({ index, truth, prediction, probability, pixels, text }) => (
          <li key={index}>
            {pixels !== undefined && found.shape && <Picture pixels={pixels} shape={found.shape} />}
            {text !== undefined && <blockquote>{text}</blockquote>}
            <span>
              is {name(truth)}, said {name(prediction)}
              <br />
              {(100 * probability).toFixed(0)} % sure
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}

export function MistakesView({ found }: { readonly found: RunMistakes }) {
  return (
    <>
      <h3>{found.kind === 'classes' ? 'Mistakes' : `Predictions of ${found.target} on ${partOf(found)}`}</h3>
      {found.changes && <p class="soft small">The data have changed since the run: {found.changes}.</p>}
      {found.kind === 'classes' ? <ClassMistakesView found={found} /> : <PredictionsView found={found} />}
    </>
  )
}
