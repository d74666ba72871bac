// The graph of the training step for the settings chosen, drawn when it is opened and again when they change.
import { useEffect, useState } from 'preact/hooks'

interface StepGraphProps {
  readonly graph: { readonly svg: string; readonly text: string } | undefined
  /** The settings, as `name=value`. */
  readonly given: readonly string[]
  readonly onAsk: () => void
}

/** Milliseconds without a change before the graph is drawn again. */
const PAUSE = 250

export function StepGraph({ graph, given, onAsk }: StepGraphProps) {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return
    const soon = setTimeout(onAsk, graph ? PAUSE : 0)
    return () => clearTimeout(soon)
  }, [open, given.join()])
  return (
    <details class="graph" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>Open the step's graph: forward, backward and update of this net</summary>
      {graph === undefined ? (
        <p role="status">Drawing ...</p>
      ) : (
        <>
          {/* The worker's own drawing: every name in it is escaped where it is made. */}
          <div
            class="drawing"
            tabindex={0}
            role="group"
            aria-label="The step's graph"
            dangerouslySetInnerHTML={{ __html: graph.svg }}
          />
          <details>
            <summary class="small">The same as text, op by op</summary>
            <pre tabindex={0}>
              <code>{graph.text}</code>
            </pre>
          </details>
        </>
      )}
    </details>
  )
}
