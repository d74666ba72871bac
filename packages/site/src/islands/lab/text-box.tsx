// A box to type into: the run's model of language goes on with the text, and what it writes appears as it comes.
import { TEXT_DEFAULTS } from '@ddlf/lab/text-defaults'
import { useEffect, useRef, useState } from 'preact/hooks'
import { readText, wordsOf, type TextSettings } from './api.ts'

const DEFAULTS: TextSettings = { ...TEXT_DEFAULTS, topK: undefined }

/** The number in a field; undefined where it is empty. */
const numberIn = (text: string): number | undefined => (text.trim() === '' ? undefined : Number(text))

interface FieldProps {
  readonly label: string
  readonly value: number | undefined
  readonly least: number
  readonly step: number | 'any'
  /** Shown where it is empty. */
  readonly hint?: string
  readonly change: (value: number | undefined) => void
}

function Field({ label, value, least, step, hint = '', change }: FieldProps) {
  return (
    <label>
      {label}
      <input
        type="number"
        min={least}
        step={step}
        value={value ?? ''}
        placeholder={hint}
        onInput={event => change(numberIn(event.currentTarget.value))}
      />
    </label>
  )
}

interface FieldsProps {
  readonly settings: TextSettings
  readonly set: (part: Partial<TextSettings>) => void
}

function Fields({ settings, set }: FieldsProps) {
  const { tokens, temperature, topK, seed } = settings
  return (
    <div class="fields">
      <Field label="Tokens" value={tokens} least={1} step={1} change={value => set({ tokens: value })} />
      <Field
        label="Temperature"
        value={temperature}
        least={0}
        step="any"
        change={value => set({ temperature: value })}
      />
      <Field label="Likeliest only" value={topK} least={1} step={1} hint="all" change={value => set({ topK: value })} />
      <Field label="Seed" value={seed} least={0} step={1} change={value => set({ seed: value })} />
    </div>
  )
}

/** What was asked for and came of it. */
interface Written {
  readonly prompt: string
  readonly text: string
}

/** A text of a run's model under way; a new one ends the one before, and so does leaving the page of the run. */
function useWriting(name: string) {
  const [written, setWritten] = useState<Written>()
  const [told, setTold] = useState('')
  const [busy, setBusy] = useState(false)
  const present = useRef<AbortController | undefined>(undefined)
  const stop = () => present.current?.abort()
  useEffect(() => stop, [name])
  const write = async (prompt: string, settings: TextSettings) => {
    stop()
    const own = new AbortController()
    present.current = own
    let text = ''
    setWritten({ prompt, text })
    setTold('Opening the model ...')
    setBusy(true)
    let ending = ''
    try {
      await readText(name, { prompt, ...settings }, own.signal, piece => {
        text += piece
        setWritten({ prompt, text })
        setTold('')
      })
    } catch (error) {
      ending = own.signal.aborted ? 'Stopped.' : wordsOf(error)
    }
    // Another text may have begun meanwhile.
    if (present.current !== own) return
    setTold(ending)
    setBusy(false)
  }
  return { written, told, busy, write, stop }
}

export function TextBox({ name }: { readonly name: string }) {
  const [prompt, setPrompt] = useState('')
  const [settings, setSettings] = useState(DEFAULTS)
  const { written, told, busy, write, stop } = useWriting(name)
  const submit = (event: Event) => {
    event.preventDefault()
    void write(prompt, settings)
  }
  return (
    <section class="text-box" aria-labelledby="text-box-title">
      <h3 id="text-box-title">Let it write</h3>
      <form onSubmit={submit}>
        <label>
          Go on from
          <textarea
            rows={3}
            maxLength={20_000}
            value={prompt}
            placeholder="empty: a new text"
            onInput={event => setPrompt(event.currentTarget.value)}
          />
        </label>
        <Fields settings={settings} set={part => setSettings({ ...settings, ...part })} />
        <p class="go">
          <button type="submit" class="primary" disabled={busy}>
            Write
          </button>
          <button type="button" disabled={!busy} onClick={stop}>
            Stop
          </button>
          <span class="soft small" role="status">
            {told}
          </span>
        </p>
      </form>
      {written && (
        <output class="written" aria-label="What it wrote" aria-busy={busy}>
          <span class="soft">{written.prompt}</span>
          {written.text}
        </output>
      )}
    </section>
  )
}
