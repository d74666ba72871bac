// The editor of an exercise: a real text box with colours over it. Tab leaves it until something is typed; Escape lets
// go again.
import { createEditor } from 'prism-code-editor'
import { defaultKeymap, editorCommands, ignoreTab, setIgnoreTab } from 'prism-code-editor/commands'
import 'prism-code-editor/prism/languages/typescript'
import 'prism-code-editor/layout.css'
import './exercise.css'

export interface ExerciseEditor {
  value(): string
  set(source: string): void
  focus(): void
}

/** @param onChange after every change @param onRun at Ctrl-Enter or Command-Enter */
export function makeEditor(
  place: HTMLElement,
  source: string,
  onChange: (source: string) => void,
  onRun: () => void,
): ExerciseEditor {
  let isFirst = true
  const editor = createEditor(
    place,
    {
      language: 'typescript',
      value: source,
      tabSize: 2,
      wordWrap: true,
      onUpdate: value => {
        if (!isFirst) {
          setIgnoreTab(false)
          onChange(value)
        }
        isFirst = false
      },
    },
    editorCommands(defaultKeymap),
  )
  const box = editor.textarea
  box.setAttribute('aria-label', 'Your code. Control-Enter runs it. After typing, Tab indents; Escape lets Tab leave.')
  box.addEventListener('focus', () => setIgnoreTab(true))
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !ignoreTab) setIgnoreTab(true)
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    event.stopPropagation()
    onRun()
  }
  box.addEventListener('keydown', onKey, { capture: true })
  return {
    value: () => editor.value,
    set: value => editor.setOptions({ value }),
    focus: () => box.focus(),
  }
}
