// The settings of a run: those chosen for it first, those found in its data as what they are, the usual ones folded.
import type { RunSetting } from '@ddlf/lab/server'
import { numberWords, settingText, shownText } from './api.ts'

function List({ settings }: { readonly settings: readonly RunSetting[] }) {
  return (
    <dl class="settings">
      {settings.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={shownText(value) === settingText(value) ? undefined : settingText(value)}>
            {shownText(value) || <span class="soft">none</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** How a column of a table became numbers, as far as it is shown. */
interface Column {
  readonly name: string
  readonly kind: 'number' | 'category'
  readonly mean?: number
  readonly standardDeviation?: number
  readonly values?: readonly string[]
  readonly missing?: boolean
}

const MOST_VALUES = 12

function columnText({ kind, mean = 0, standardDeviation = 0, values = [] }: Column): string {
  if (kind === 'number') return `a number, ${numberWords(mean)} ± ${numberWords(standardDeviation)}`
  const more = values.length > MOST_VALUES ? ['...'] : []
  return `${values.length} categories: ${[...values.slice(0, MOST_VALUES), ...more].join(', ')}`
}

function Columns({ columns }: { readonly columns: readonly Column[] }) {
  return (
    <details>
      <summary>{columns.length} columns that it predicts from</summary>
      <dl class="settings wide">
        {columns.map(column => (
          <div key={column.name}>
            <dt>{column.name}</dt>
            <dd>
              {columnText(column)}
              {column.missing === true && ', some missing'}
            </dd>
          </div>
        ))}
      </dl>
    </details>
  )
}

const isEmpty = (value: unknown) => value === '' || (Array.isArray(value) && value.length === 0)

/** What was found in own data, in words. */
function Found({ settings }: { readonly settings: readonly RunSetting[] }) {
  const value = (name: string) => settings.find(setting => setting.name === name)?.value
  const [classes, encoding, scale] = [value('classes'), value('encoding'), value('targetScale')]
  const isNumber = Array.isArray(classes) && classes.length === 0 && typeof scale === 'number' && scale !== 1
  return (
    <>
      {Array.isArray(classes) && !isEmpty(classes) && (
        <p class="small">
          {classes.length} classes: {settingText(classes)}
        </p>
      )}
      {isNumber && (
        <p class="small">
          The number to predict: {numberWords(Number(value('targetMean')))} ± {numberWords(scale)} in the training
          part.
        </p>
      )}
      {Array.isArray(encoding) && !isEmpty(encoding) && <Columns columns={encoding as readonly Column[]} />}
    </>
  )
}

export function RunSettings({ settings }: { readonly settings: readonly RunSetting[] }) {
  const of = (group: RunSetting['group']) => settings.filter(setting => setting.group === group)
  const [given, usual, found] = [of('given'), of('usual'), of('found')]
  return (
    <>
      <h3>Settings</h3>
      {given.length > 0 ? <List settings={given} /> : <p class="soft small">All are the experiment's own.</p>}
      {usual.length > 0 && (
        <details>
          <summary>{usual.length} as the experiment has them</summary>
          <List settings={usual} />
        </details>
      )}
      {found.length > 0 && (
        <>
          <h3>Found in the data</h3>
          <Found settings={found} />
        </>
      )}
    </>
  )
}
