// The fields of the form that starts a study: what is tuned, who proposes and stops trials, and what it may take.
import type { JSX } from 'preact'
import { prunerNames, prunerUses, samplerNames, samplerUses } from '@ddlf/lab/study-names'
import type { Asked } from './study-asked.ts'

/** What fields need to know. */
export interface StudyFieldsProps {
  readonly asked: Asked
  readonly change: (part: Partial<Asked>) => void
  /** What is wrong with a field; empty where nothing is. */
  readonly troubleAt: (name: keyof Asked) => string
}

interface OneProps extends StudyFieldsProps {
  readonly name: keyof Asked
  readonly label: string
  readonly hint?: string
}

/** What all fields have alike. */
interface Same {
  readonly 'name': string
  readonly 'aria-invalid'?: true
  readonly 'aria-describedby'?: string
}

/** A label, a field made with what is the same for all, what is wrong with it, and what it is for. */
function Labelled({
  name, label, hint, troubleAt, wide = false, field,
}: Omit<OneProps, 'asked' | 'change'> & {
  readonly wide?: boolean
  readonly field: (same: Same) => JSX.Element
}) {
  const trouble = troubleAt(name)
  const wrong = trouble === '' ? {} : ({ 'aria-invalid': true, 'aria-describedby': `wrong-study-${name}` } as const)
  return (
    <label class={wide ? 'field wide' : 'field'}>
      <span>{label}</span>
      {field({ name: `study-${name}`, ...wrong })}
      {trouble !== '' && (
        <span class="trouble small" role="alert" id={`wrong-study-${name}`}>
          {trouble}
        </span>
      )}
      {hint !== undefined && <span class="soft small">{hint}</span>}
    </label>
  )
}

function Line({ placeholder = '', numeric = false, ...props }: OneProps & {
  readonly placeholder?: string
  readonly numeric?: boolean
}) {
  const { asked, change, name } = props
  return (
    <Labelled
      {...props}
      field={same => (
        <input
          {...same}
          type="text"
          inputMode={numeric ? 'decimal' : 'text'}
          placeholder={placeholder}
          value={asked[name]}
          autocomplete="off"
          spellcheck={false}
          onInput={event => change({ [name]: event.currentTarget.value })}
        />
      )}
    />
  )
}

function Lines({ rows, placeholder = '', ...props }: OneProps & {
  readonly rows: number
  readonly placeholder?: string
}) {
  const { asked, change, name } = props
  return (
    <Labelled
      {...props}
      wide
      field={same => (
        <textarea
          {...same}
          rows={rows}
          placeholder={placeholder}
          value={asked[name]}
          spellcheck={false}
          onInput={event => change({ [name]: event.currentTarget.value })}
        />
      )}
    />
  )
}

function Choice({ options, ...props }: OneProps & {
  readonly options: readonly (readonly [value: string, title: string])[]
}) {
  const { asked, change, name } = props
  return (
    <Labelled
      {...props}
      field={same => (
        <select {...same} value={asked[name]} onChange={event => change({ [name]: event.currentTarget.value })}>
          {options.map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
        </select>
      )}
    />
  )
}

const RANGES =
  'float:0..1, log:1e-5..1e-1, step:0..1:0.1, int:1..10, logint:16..1024, choice:a,b,c; a condition behind if'

/** Its name, how many trials, the ranges, and what is tried first. */
export function Asking({ experiment, ...props }: StudyFieldsProps & { readonly experiment: string }) {
  return (
    <>
      <div class="fields">
        <Line {...props} name="study" label="Name" placeholder={experiment} />
        <Line {...props} name="trials" label="Trials in all" placeholder="20" numeric />
      </div>
      <Lines
        {...props}
        name="space"
        label="What is tuned, a parameter a line"
        rows={Math.min(10, Math.max(4, props.asked.space.split('\n').length))}
        hint={RANGES}
      />
      <Lines
        {...props}
        name="enqueue"
        label="Tried first, a trial a line"
        rows={2}
        placeholder="learningRate=0.1,batchSize=64"
        hint="What you would try by hand; the sampler gives what is left out."
      />
    </>
  )
}

const named = <Name extends string>(names: readonly Name[]) => names.map(name => [name, name] as const)

/** Who proposes trials, who stops them, and what they are compared by. */
export function Searching(props: StudyFieldsProps) {
  const { sampler, pruner } = props.asked
  return (
    <div class="fields">
      <Choice
        {...props}
        name="sampler"
        label="Sampler"
        options={named(samplerNames)}
        hint={samplerUses[sampler as keyof typeof samplerUses]}
      />
      <Choice
        {...props}
        name="pruner"
        label="Pruner"
        options={[['', 'as it fits'], ...named(prunerNames)]}
        hint={
          pruner === ''
            ? 'median; wilcoxon with several seeds; none with several objectives'
            : prunerUses[pruner as keyof typeof prunerUses]
        }
      />
      <Line
        {...props}
        name="objectives"
        label="Objective"
        placeholder="the experiment's own metric"
        hint="A metric, parameters, flop or seconds; several with commas between them for the best compromises."
      />
      <Line
        {...props}
        name="repeats"
        label="Seeds of each trial"
        placeholder="1"
        numeric
        hint="So many runs a trial, whose mean counts."
      />
      <Line {...props} name="seed" label="Seed of the sampler" placeholder="0" numeric />
    </div>
  )
}

/** What the study may take, and what is kept of it. */
export function Spending(props: StudyFieldsProps) {
  return (
    <div class="fields">
      <Line
        {...props}
        name="timeout"
        label="Stop after"
        placeholder="no limit"
        hint="90s, 30m, 2h; it can go on later."
      />
      <Line {...props} name="epochs" label="Epochs over all trials" placeholder="no limit" numeric />
      <Line
        {...props}
        name="flop"
        label="FLOP over all trials"
        placeholder="no limit"
        numeric
        hint="Floating-point operations, for example 1e15."
      />
      <Line
        {...props}
        name="jobs"
        label="Trials at once"
        placeholder="half the processors"
        numeric
        hint="The processors are divided among them."
      />
      <Choice
        {...props}
        name="keep"
        label="Runs that are kept"
        options={[['all', 'all'], ['best', 'those of the best trials']]}
        hint="The others go to the trash."
      />
    </div>
  )
}
