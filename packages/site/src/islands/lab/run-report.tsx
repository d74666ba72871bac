// What an analysis says of a run, when it is asked for.
import { useState } from 'preact/hooks'
import type { ReportSection } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

function SectionView({ section }: { readonly section: ReportSection }) {
  return (
    <section class="report-section" aria-label={section.title}>
      <h4>{section.title}</h4>
      <p class="soft small">{section.text}</p>
      {section.figures.map(({ name, svg }) => (
        <div
          key={name}
          class="scroll"
          tabindex={0}
          role="region"
          aria-label={name}
          dangerouslySetInnerHTML={{ __html: svg }}
        />
      ))}
      {section.tables.map((table, i) => (
        <div
          key={i}
          class="scroll"
          tabindex={0}
          role="region"
          aria-label={`${section.title}, table ${i + 1}`}
          dangerouslySetInnerHTML={{ __html: table }}
        />
      ))}
    </section>
  )
}

/** Calibration, gradients by pixel, filters, a map of features, ...: what fits the run. */
export function Report({ name }: { readonly name: string }) {
  const [found, setFound] = useState<readonly ReportSection[]>()
  const [state, setState] = useState<'idle' | 'busy' | 'failed'>('idle')
  const [trouble, setTrouble] = useState('')
  const begin = () => {
    setState('busy')
    setTrouble('')
    ask<ReportSection[]>(`/runs/${name}/report`).then(setFound, (error: unknown) => {
      setTrouble(wordsOf(error))
      setState('failed')
    })
  }
  return (
    <section aria-label="Report">
      <h3>Report</h3>
      {!found && (
        <p class="go">
          <button type="button" disabled={state === 'busy'} onClick={begin}>
            {state === 'busy' ? 'Analysing ...' : 'Analyse this run'}
          </button>
          <span class="soft small" role="status">
            {trouble ||
              'Calibration, what its answers hang on, filters, a map of its features: as far as they fit. It judges ' +
                'the model once more, which takes seconds to minutes.'}
          </span>
        </p>
      )}
      {found?.map(section => (
        <SectionView key={section.id} section={section} />
      ))}
    </section>
  )
}
