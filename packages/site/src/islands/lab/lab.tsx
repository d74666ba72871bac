// The lab's pages behind one address: the list of runs, a run, a comparison, and a form that starts one.
import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { ExperimentForm } from '@ddlf/lab/server'
import { decoded } from '../decoded.ts'
import { ask } from './api.ts'
import { ComparePage } from './compare-page.tsx'
import { NewRun } from './new-run.tsx'
import { RunList } from './run-list.tsx'
import { RunPage } from './run-page.tsx'
import { StudyList } from './study-list.tsx'
import { StudyPage } from './study-page.tsx'
import '../trainer.css'
import './lab.css'
import './runs.css'

const parts = (): [string, string] => {
  const [view = '', ...value] = location.hash.replace(/^#/, '').split('=')
  return [view, decoded(value.join('='))]
}

function Lab({ experiments }: { readonly experiments: readonly ExperimentForm[] }) {
  const [[view, value], setPlace] = useState(parts)
  useEffect(() => {
    const follow = () => setPlace(parts())
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return (
    <>
      <p class="ways">
        <a href="#" aria-current={view === '' ? 'page' : undefined}>
          Runs
        </a>{' '}
        <a href="#new=mlp-on-mnist" aria-current={view === 'new' ? 'page' : undefined}>
          Start a run
        </a>{' '}
        <a href="#studies" aria-current={view === 'studies' ? 'page' : undefined}>
          Studies
        </a>
      </p>
      {view === 'run' ? (
        <RunPage key={value} name={value} />
      ) : view === 'compare' ? (
        <ComparePage key={value} names={value.split(',')} />
      ) : view === 'new' ? (
        <NewRun key={value} experiments={experiments} chosen={value} />
      ) : view === 'studies' ? (
        <StudyList experiments={experiments} />
      ) : view === 'study' ? (
        <StudyPage key={value} name={value} />
      ) : view === '' ? (
        <RunList experiments={experiments} />
      ) : (
        <p role="alert" class="trouble">
          The lab has no page '#{view}'. <a href="#">All runs</a>
        </p>
      )}
    </>
  )
}

const place = document.querySelector<HTMLElement>('[data-lab]')
async function open(): Promise<void> {
  if (!place) return
  const experiments = await ask<ExperimentForm[]>('/experiments').catch(() => undefined)
  // A static host has no lab behind it: the page says how to start one.
  if (!experiments) return
  place.querySelector('[data-absent]')?.remove()
  const root = document.createElement('div')
  place.append(root)
  render(<Lab experiments={experiments} />, root)
}
void open()
