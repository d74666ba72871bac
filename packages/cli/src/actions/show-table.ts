// ddlf data show <table>: what the columns of a table hold, and what can be done with them; of two columns of texts,
// what the pairs are.
import { intakeLine } from '@ddlf/data'
import { readTableFile } from '@ddlf/data/node'
import { looksLikePairs, summariseTable, usesOf, type ColumnSummary } from '@ddlf/lab'
import { printable } from '@ddlf/lab/printable'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount, formatTable } from '../terminal/format.ts'
import { showPairs } from './show-pairs.ts'

/** How the table is written, where it is stated. */
export interface TableForm {
  readonly delimiter?: string
  readonly header?: boolean
}

const asWhat = ({ kind, target }: ColumnSummary) =>
  target === 'number' ? 'a number' : `a class${kind === 'numbers' ? ' (a number with --set kind=regression)' : ''}`

/** Prints what each column of a table holds, and commands that go on with it. */
export async function showTable(file: string, form: TableForm): Promise<void> {
  const table = await readTableFile(file, form)
  const columns = summariseTable(table)
  if (looksLikePairs(columns, table.records.length)) {
    await showPairs(file, form)
    return
  }
  table.intake.use(table.records.length)
  console.log(`${pc.bold(table.name)}: ${formatCount(table.records.length)} rows of ${columns.length} columns`)
  console.log(pc.dim(intakeLine(table.intake.result())))
  const rows = columns.map(({ name, kind, missing, different, holds }) =>
    [name, kind, missing === 0 ? '-' : formatCount(missing), formatCount(different), holds])
  console.log(`\n${formatTable(['column', 'kind', 'missing', 'different', 'holds'], rows, [2, 3])}`)
  const { text, targets } = usesOf(columns)
  const words = [
    ...(form.delimiter === undefined ? [] : ['--set', `delimiter=${form.delimiter}`]),
    ...(form.header === undefined ? [] : ['--set', `header=${form.header}`]),
  ]
  const train = (experiment: string, ...settings: readonly string[]) =>
    suggest('train', experiment, '--data', file, ...settings.flatMap(one => ['--set', one]), ...words)
  const next = [
    ...(text
      ? [[`'${text.label}' from the text`, train('text-table', `text=${text.text}`, `label=${text.label}`)]]
      : []),
    ...targets.map(column => [`'${column.name}', ${asWhat(column)}`, train('tabular', `target=${column.name}`)]),
  ]
  if (next.length === 0) return
  console.log('\nNext, predict')
  for (const [what, command] of next) console.log(`  ${printable(what ?? '')}:\n    ${command}`)
}
