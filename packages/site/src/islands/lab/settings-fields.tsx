// The settings of an experiment as fields of a form: what is changed, and what is wrong beside which field.
import { useState } from 'preact/hooks'
import type { ExperimentForm, SettingField } from '@ddlf/lab/server'
import { refusedSettings, settingText, wordsOf } from './api.ts'

/** The texts of fields by the names of their settings. */
export type Texts = Readonly<Record<string, string>>

/** The settings as the experiment has them. */
export const defaultTexts = (settings: readonly SettingField[]): Texts =>
  Object.fromEntries(settings.map(field => [field.name, settingText(field.default)]))

/** The number that a text says, else the text: the lab says what is wrong with it. */
const numberIn = (text: string) => (text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text))

/** The value that a field's text stands for. */
function valueOf(text: string, { kind, choices }: SettingField): unknown {
  if (choices) return choices.find(choice => settingText(choice) === text)
  if (kind === 'number') return numberIn(text)
  if (kind === 'text') return text
  const items = text.trim() === '' ? [] : text.split(',').map(item => item.trim())
  return kind === 'numbers' ? items.map(numberIn) : items
}

interface FieldProps {
  readonly field: SettingField
  readonly value: string
  /** What is wrong with it. */
  readonly trouble: string
  readonly onChange: (text: string) => void
}

function Field({ field, value, trouble, onChange }: FieldProps) {
  const { name, choices, kind, description } = field
  const wrong = trouble === '' ? {} : { 'aria-invalid': true, 'aria-describedby': `wrong-${name}` }
  return (
    <label class={value === settingText(field.default) ? 'field' : 'field changed'}>
      <span>{name}</span>
      {choices ? (
        <select name={name} value={value} {...wrong} onChange={event => onChange(event.currentTarget.value)}>
          {choices.map(choice => (
            <option key={settingText(choice)}>{settingText(choice)}</option>
          ))}
        </select>
      ) : (
        <input
          name={name}
          type="text"
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          autocomplete="off"
          spellcheck={false}
          value={value}
          {...wrong}
          onInput={event => onChange(event.currentTarget.value)}
        />
      )}
      {trouble !== '' && (
        <span class="trouble small" role="alert" id={`wrong-${name}`}>
          {trouble}
        </span>
      )}
      <span class="soft small">{description}</span>
    </label>
  )
}

const TOPICS = [
  ['training', 'Training'],
  ['regularisation', 'Regularisation'],
  ['data', 'Data'],
  ['model', 'Model'],
] as const

/** The texts of the fields, what is changed, and what of a refusal belongs beside which field. */
export function useForm({ settings }: ExperimentForm, given: Texts = {}) {
  const [texts, setTexts] = useState<Texts>(() => ({ ...defaultTexts(settings), ...given }))
  const [refusal, setRefused] = useState<unknown>()
  const refused = refusal === undefined ? '' : wordsOf(refusal)
  const faults = refusedSettings(refusal)
  const isNamed = settings.some(({ name }) => Object.hasOwn(faults, name))
  const changed = settings.filter(field => texts[field.name] !== settingText(field.default))
  // A refusal names the setting that it is about: `epochs=-1`, else `epochs: ...`.
  const named = (behind: string) => settings.find(({ name }) => new RegExp(`\\b${name}${behind}`).test(refused))?.name
  const wrong = isNamed ? undefined : (named('=') ?? named('\\b'))
  return {
    texts,
    setTexts,
    changed,
    values: () => Object.fromEntries(changed.map(field => [field.name, valueOf(texts[field.name] ?? '', field)])),
    setRefused,
    troubleAt: (name: string) => (name === wrong ? refused : (faults[name] ?? '')),
    trouble: isNamed || wrong !== undefined ? '' : refused,
  }
}

/** A form of settings that is filled in. */
export type HeldForm = ReturnType<typeof useForm>

/** Fields side by side. */
export function Fields({ fields, form }: { readonly fields: readonly SettingField[]; readonly form: HeldForm }) {
  return (
    <div class="fields">
      {fields.map(field => (
        <Field
          key={field.name}
          field={field}
          value={form.texts[field.name] ?? ''}
          trouble={form.troubleAt(field.name)}
          onChange={text => form.setTexts(before => ({ ...before, [field.name]: text }))}
        />
      ))}
    </div>
  )
}

/** Fields by what they are about; those of one topic alone stand without its name. */
export function GroupedFields({ fields, form }: { readonly fields: readonly SettingField[]; readonly form: HeldForm }) {
  const groups = TOPICS.map(([topic, title]) => ({ title, own: fields.filter(field => field.topic === topic) })).filter(
    ({ own }) => own.length > 0,
  )
  if (groups.length < 2) return <Fields fields={fields} form={form} />
  return (
    <>
      {groups.map(({ title, own }) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          <Fields fields={own} form={form} />
        </fieldset>
      ))}
    </>
  )
}

/** The settings that few ask for, by what they are about; open where one of them is refused. */
export function More({ fields, form }: { readonly fields: readonly SettingField[]; readonly form: HeldForm }) {
  const hidden = form.changed.filter(({ group }) => group === 'more').map(({ name }) => name)
  const isWrong = fields.some(({ name }) => form.troubleAt(name) !== '')
  return (
    <details class="more" open={isWrong || undefined}>
      <summary>
        {fields.length} more settings{hidden.length > 0 && `, changed: ${hidden.join(', ')}`}
      </summary>
      <GroupedFields fields={fields} form={form} />
    </details>
  )
}
