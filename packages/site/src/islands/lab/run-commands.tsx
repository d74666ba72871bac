// What can be done with a run: again with other settings, and the commands for everything else.
import { useState } from 'preact/hooks'
import { ddlfCommand } from '@ddlf/lab/command-text'
import type { RunDetail } from '@ddlf/lab/server'
import { settingText } from './api.ts'

/** The form of its experiment, filled in as the run was. */
export function formOf({ experiment, settings }: Pick<RunDetail, 'experiment' | 'settings'>): string {
  const given = settings.filter(({ group }) => group === 'given')
  const query = new URLSearchParams(given.map(({ name, value }) => [name, settingText(value)]))
  return `#new=${experiment}${given.length > 0 ? `&${query.toString()}` : ''}`
}

const COMMANDS: readonly (readonly [verb: string, what: string, needsCheckpoint: boolean])[] = [
  ['reproduce', 'trains it again from its record and compares every number', false],
  ['evaluate', 'judges its model once more', true],
  ['predict', 'asks its model about pictures, texts or rows of your own', true],
  ['export', 'writes its model as ONNX or safetensors', true],
  ['analyze', 'writes its report as a page', true],
]

/** A command to copy, and what it does. */
export function Command({ words, what }: { readonly words: string; readonly what: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () => {
    void navigator.clipboard.writeText(words).then(() => setCopied(true))
  }
  return (
    <li>
      <code>{words}</code>{' '}
      <button type="button" class="small" onClick={copy} aria-label={`Copy ${words}`}>
        {copied ? 'Copied' : 'Copy'}
      </button>
      <span class="soft small"> {what}</span>
    </li>
  )
}

export function RunCommands({ run }: { readonly run: RunDetail }) {
  const commands = COMMANDS.filter(([, , needsCheckpoint]) => run.hasCheckpoint || !needsCheckpoint)
  return (
    <details class="commands">
      <summary>Reproduce, predict, export: in a terminal</summary>
      <ul>
        {commands.map(([verb, what]) => (
          <Command key={verb} words={ddlfCommand(verb, run.name)} what={what} />
        ))}
      </ul>
    </details>
  )
}
