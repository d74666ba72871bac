// What the reader writes beside a run: a name, tags, a note.
import { useState } from 'preact/hooks'
import type { RunNotes } from '@ddlf/lab/server'
import { ask, wordsOf } from './api.ts'

interface NotesProps {
  readonly name: string
  readonly notes: RunNotes
  readonly onSaved: (notes: RunNotes) => void
}

export function NotesView({ name, notes, onSaved }: NotesProps) {
  const [isOpen, setOpen] = useState(false)
  if (isOpen)
    return (
      <NotesForm
        name={name}
        notes={notes}
        onSaved={saved => {
          onSaved(saved)
          setOpen(false)
        }}
        cancel={() => setOpen(false)}
      />
    )
  const hasNone = notes.title === '' && notes.tags.length === 0 && notes.note === ''
  return (
    <div class="notes">
      {notes.tags.length > 0 && <p class="soft small">{notes.tags.map(tag => `#${tag}`).join(' ')}</p>}
      {notes.note !== '' && <p class="note">{notes.note}</p>}
      <button type="button" class="small" onClick={() => setOpen(true)}>
        {hasNone ? 'Name it, tag it, add a note' : 'Change name, tags, note'}
      </button>
    </div>
  )
}

function NotesForm({ name, notes, onSaved, cancel }: NotesProps & { readonly cancel: () => void }) {
  const [title, setTitle] = useState(notes.title)
  const [tags, setTags] = useState(notes.tags.join(' '))
  const [note, setNote] = useState(notes.note)
  const [trouble, setTrouble] = useState('')
  const save = () => {
    const words = tags.split(/[\s,#]+/).filter(tag => tag !== '')
    ask<RunNotes>(`/runs/${name}/notes`, { title, tags: words, note }).then(onSaved, (error: unknown) =>
      setTrouble(wordsOf(error)),
    )
  }
  return (
    <form
      class="notes"
      aria-label="Name, tags and note"
      onSubmit={event => {
        event.preventDefault()
        save()
      }}
    >
      <label>
        Name
        <input type="text" name="title" value={title} onInput={event => setTitle(event.currentTarget.value)} />
      </label>
      <label>
        Tags
        <input
          type="text"
          name="tags"
          placeholder="baseline try"
          value={tags}
          onInput={event => setTags(event.currentTarget.value)}
        />
      </label>
      <label>
        Note
        <textarea name="note" rows={3} value={note} onInput={event => setNote(event.currentTarget.value)} />
      </label>
      <p class="go">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <span role="alert" class="trouble">
          {trouble}
        </span>
      </p>
    </form>
  )
}
