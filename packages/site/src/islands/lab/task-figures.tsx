// What the task of a run shows of its model: pictures that it makes or gives back, texts that it writes.
import { useEffect, useState } from 'preact/hooks'
import type { ShownFigure } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

function Figure({ figure: { title, text, sheet, texts = [] } }: { readonly figure: ShownFigure }) {
  return (
    <section class="task-figure" aria-label={title}>
      <h3>{title}</h3>
      <p class="soft small">{text}</p>
      {sheet && (
        <img
          src={`data:image/png;base64,${sheet.png}`}
          width={2 * sheet.width}
          height={2 * sheet.height}
          alt={`${title}: ${sheet.pictures} pictures`}
        />
      )}
      {texts.map((one, i) => (
        <blockquote key={i} tabIndex={0}>{one}</blockquote>
      ))}
    </section>
  )
}

interface TaskFiguresProps {
  /** `<experiment>/<id>` */
  readonly name: string
  /** They are asked for anew when it changes. */
  readonly status: string
}

export function TaskFigures({ name, status }: TaskFiguresProps) {
  const [figures, setFigures] = useState<readonly ShownFigure[]>([])
  const [said, setSaid] = useState('')
  useEffect(() => {
    setSaid('Looking at what it makes ...')
    ask<ShownFigure[]>(`/runs/${name}/figures`).then(
      found => {
        setFigures(found)
        setSaid('')
      },
      (error: unknown) => setSaid(wordsOf(error)),
    )
  }, [name, status])
  return (
    <>
      {said && <p class="soft small">{said}</p>}
      {figures.map(figure => (
        <Figure key={figure.title} figure={figure} />
      ))}
    </>
  )
}
