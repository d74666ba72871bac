// A table as JSON Lines: an object a line whose keys name the columns, or an array a line without names.
import { createReadStream } from 'node:fs'
import { UserError } from '@ddlf/tensor/errors'
import { firstInvalidByte } from '../tokenizers/utf8-runs.ts'
import { assertPlainFile, readPlainFile } from './read-plain-file.ts'
import { labelOf, TableBuilder, type Table } from './table.ts'
import type { TableFormat } from './table-format.ts'

/** Whether a file is called one of JSON Lines. */
export const isJsonLines = (path: string): boolean => /\.(jsonl|ndjson)$/i.test(path)

/** Longest line, in characters: as of the rows of other tables. */
const MOST_LINE_CHARACTERS = 8 * 2 ** 20

/** The fields of a value by the names of their columns; of an object within it `outer.inner`. */
function fieldsOf(value: object, prefix = ''): [name: string, field: string][] {
  return Object.entries(value).flatMap(([key, held]: [string, unknown]): [string, string][] => {
    const name = `${prefix}${Array.isArray(value) ? `column${Number(key) + 1}` : labelOf(key)}`
    if (held === null || held === undefined) return [[name, '']]
    if (typeof held === 'object' && !Array.isArray(held)) return fieldsOf(held, `${name}.`)
    return [[name, typeof held === 'string' ? held : JSON.stringify(held)]]
  })
}

/** The value of a line; undefined where it is neither an object nor an array. */
function valueOf(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** The text of a file, part by part. @throws UserError naming the first byte that is no UTF-8 */
async function* decoded(file: string): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const bytes of createReadStream(file)) yield decoder.decode(bytes as Buffer, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const place = firstInvalidByte(await readPlainFile(file, { what: 'a file that can be read' }))
    throw new UserError({
      rule: `${file} must hold JSON Lines in UTF-8.`,
      received: `bytes that are none at ${place ?? 0}`,
      next: 'Write it in UTF-8: JSON has no other encoding.',
    }, { cause: error })
  }
}

/** The lines of a file, ended by line feeds alone: other marks may stand in the texts. */
async function* linesOf(file: string, name: string): AsyncGenerator<string, void> {
  let rest = ''
  let count = 0
  for await (const part of decoded(file)) {
    const lines = `${rest}${part}`.split('\n')
    rest = lines.pop() ?? ''
    count += lines.length
    yield* lines
    if (rest.length > MOST_LINE_CHARACTERS) {
      throw new UserError({
        rule: `${name}: a line has at most ${MOST_LINE_CHARACTERS.toLocaleString('en-US')} characters.`,
        received: `a longer one behind line ${count}`,
        next: 'Write an object a line.',
      })
    }
  }
  yield rest
}

/**
 * Reads JSON Lines as a table. Columns are the keys that occur, in the order in which they come up; a key that a line
 * lacks, and null, are a blank field. Lines that are no JSON object or array are left out and counted.
 * @param only keep the text of these columns alone
 * @throws UserError where most lines are no JSON, or the file is no UTF-8
 */
export async function readJsonLines(file: string, format: TableFormat, only?: readonly string[]): Promise<Table> {
  await assertPlainFile(file)
  const records: { readonly fields: ReadonlyMap<string, string>; readonly number: number }[] = []
  const names = new Set<string>()
  const strange: number[] = []
  const kept = only && new Set(only.map(labelOf))
  let number = 0
  for await (const line of linesOf(file, format.name)) {
    number++
    if (line.trim() === '') continue
    const value = valueOf(line)
    if (!value) {
      strange.push(number)
      continue
    }
    const fields = fieldsOf(value)
    for (const [name] of fields) names.add(name)
    records.push({ fields: new Map(kept ? fields.filter(([name]) => kept.has(name)) : fields), number })
  }
  if (strange.length > records.length) {
    throw new UserError({
      rule: `${format.name} must be JSON Lines: an object in each line.`,
      received: `${strange.length} of ${records.length + strange.length} lines that are none, the first in line ` +
        String(strange[0] ?? 0),
      next: 'Write for example {"source": "one", "target": "eins"} and so on, a line each.',
    })
  }
  const builder = new TableBuilder(
    format, { delimiter: '', quote: null, header: true, width: names.size, start: 0, above: 0 }, only,
  )
  builder.add([...names], 0)
  for (const { fields, number } of records) builder.add(Array.from(names, name => fields.get(name) ?? ''), number)
  for (const number of strange) builder.leaveOut('no JSON object', `line ${number}`)
  return builder.end()
}
