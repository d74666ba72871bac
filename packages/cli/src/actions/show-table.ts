// ddlf data show <table>: what the columns of a table hold, and what can be done with them.
import { intakeLine } from '@ddlf/data'
import { readTableFile } from '@ddlf/data/node'
import { summariseTable, usesOf } from '@ddlf/lab'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount, formatTable } from '../terminal/format.ts'

/** How the table is written, where it is stated. */
export interface TableForm {
  readonly delimiter?: string
  readonly header?: boolean
}

/** Prints what each column of a table holds, and commands that go on with it. */
export async function showTable(file: string, form: TableForm): Promise<void> {
  const table = await readTableFile(file, form)
  table.intake.use(table.records.length)
  const columns = summariseTable(table)
  console.log(`${pc.bold(table.name)}: ${formatCount(table.records.length)} rows of ${columns.length} columns`)
  console.log(pc.dim(intakeLine(table.intake.result())))
  const rows = columns.map(({ name, kind, missing, different, holds }) =>
    [name, kind, missing === 0 ? '-' : formatCount(missing), formatCount(different), holds])
  console.log(`\n${formatTable(['column', 'kind', 'missing', 'different', 'holds'], rows, [2, 3])}`)
  const { text, target } = usesOf(columns)
  const words = [
    ...(form.delimiter === undefined ? [] : ['--set', `delimiter=${form.delimiter}`]),
    ...(form.header === undefined ? [] : ['--set', `header=${form.header}`]),
  ]
  const trainText = text && [
    'train',
    'text-table',
    '--data',
    file,
    '--set',
    `text=${text.text}`,
    '--set',
    `label=${text.label}`,
  ]
  const trainTarget = target !== undefined && ['train', 'tabular', '--data', file, '--set', `target=${target}`]
  const next = [trainText, trainTarget].filter(one => one !== undefined && one !== false)
  if (next.length > 0) console.log(['\nNext:', ...next.map(one => `  ${suggest(...one, ...words)}`)].join('\n'))
}
