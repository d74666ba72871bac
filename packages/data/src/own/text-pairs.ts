// A table of the user's own as pairs of texts: what is read, and what it becomes.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import type { Dataset } from '../dataset.ts'
import { columnPlace, requireOneRole, requireRows } from './table-dataset.ts'
import { labelOf, rowName, type Table } from './table.ts'

/** Which columns hold what; empty ones are found. */
export interface PairColumns {
  /** Column of the text that is read; default `source`, else the first one. */
  readonly source?: string
  /** Column of the text that is written; default `target`, else the first other one. */
  readonly target?: string
}

/** Pairs, and the columns of the table that they lie in. */
export interface PairTable {
  readonly dataset: Dataset
  readonly columns: Required<PairColumns>
}

/** What stands between several targets of a source. */
const OR = '\n'

/** The texts that count as right for a source, as one. */
export const joinRight = (targets: Iterable<string>): string => [...targets].join(OR)

/** Everything that counts as right for an example, from its text `target`. */
export const rightTexts = (target: string): string[] => target.split(OR)

const WORDS = 'source target src tgt trg input output from to question answer prompt completion response text ' +
  'sentence translation original word words wrong right correct corrected spelling pronunciation sounds before after id'
/** Codes of languages that name columns; others are words of too many languages. */
const CODES = 'ar cs da de el en es fi fr he hi hu id it ja ko nb nl pl pt ro ru sv th tr uk vi zh'
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz')

/** Words that name columns of pairs, in small letters: usual ones, and languages by their names and codes. */
function columnWords(): ReadonlySet<string> {
  const languages = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' })
  const codes = LETTERS.flatMap(a => LETTERS.map(b => `${a}${b}`))
  const known = codes.flatMap(code => {
    const name = languages.of(code)?.toLowerCase()
    const own = new Intl.DisplayNames([code], { type: 'language', fallback: 'none' }).of(code)?.toLowerCase()
    return name === undefined ? [] : [name, own ?? name]
  })
  return new Set([...WORDS.split(' '), ...CODES.split(' '), ...known])
}
let known: ReadonlySet<string> | undefined

/**
 * Whether words name the columns of a table of pairs: `source` and `target`, languages, and the like. Rows of texts do
 * not tell by their form whether the first is a header.
 */
export const areColumnNames = (words: readonly string[]): boolean => {
  known ??= columnWords()
  const isName = (word: string) => known?.has(word.toLowerCase().replace(/[-_ ]?\d+$/, '')) === true
  return words.length > 1 && words.slice(0, 2).every(isName)
}

/** The two columns of a table. @throws UserError where it has only one, or none of a name that is stated */
function pairColumns(table: Table, stated: PairColumns): readonly [source: string, target: string] {
  const { name, names } = table
  if (names.length < 2) {
    throw new UserError({
      rule: `${name}: pairs of texts lie in two columns, what is read and what is written.`,
      received: names.length === 0 ? 'no column' : `one column, ${names.join()}`,
      next: 'Put a tab or a comma between the two; where another character lies there, state the delimiter.',
    })
  }
  const given = { source: labelOf(stated.source ?? ''), target: labelOf(stated.target ?? '') }
  for (const column of Object.values(given)) if (column !== '') columnPlace(table, column)
  requireOneRole(name, Object.fromEntries(Object.entries(given).filter(([, column]) => column !== '')))
  const first = (usual: string, taken: string) =>
    names.includes(usual) && usual !== taken ? usual : (names.find(other => other !== taken) ?? '')
  // A table of targets first names them so, or states them.
  const source = given.source || first('source', given.target || (names.includes('target') ? 'target' : ''))
  return [source, given.target || first('target', source)]
}

/** A text as it is compared and learned: in Unicode's NFC, on one line, without blanks around it. */
export const pairText = (field: string): string => field.normalize('NFC').replaceAll(/\s*[\r\n]\s*/g, ' ').trim()

/**
 * Pairs of texts: an example for each different source, its columns of text `source` and `target` (a line for each
 * text that counts as right). Rows with a blank side are left out; rows that repeat a pair count once, and it is said.
 * @throws UserError where there are no two columns, or no row has both sides
 */
export function pairDataset(table: Table, columns: PairColumns = {}): PairTable {
  checkOptions('pairDataset', columns, ['source', 'target'])
  const { name, intake, records } = table
  const [source, target] = pairColumns(table, columns)
  const [from, to] = [columnPlace(table, source), columnPlace(table, target)]
  const pairs = new Map<string, Set<string>>()
  let [used, broken] = [0, 0]
  for (const [k, record] of records.entries()) {
    const [read = '', written = ''] = [record[from], record[to]]
    const [text, becomes] = [pairText(read), pairText(written)]
    const blank = text === '' ? source : becomes === '' ? target : undefined
    if (blank !== undefined) {
      intake.leaveOut(`with a blank '${blank}'`, rowName(table, k))
      continue
    }
    used++
    if (/[\r\n]/.test(`${read.trim()}${written.trim()}`)) broken++
    const known = pairs.get(text)
    if (known) known.add(becomes)
    else pairs.set(text, new Set([becomes]))
  }
  const different = [...pairs.values()].reduce((sum, { size }) => sum + size, 0)
  requireRows({ ...table, records: used === 0 ? [] : records })
  intake.use(used)
  intake.note(`'${source}' is read, '${target}' is written`)
  if (used > different) intake.note(`${rowsWord(used - different)} a pair that was there, and counts once`)
  const several = [...pairs.values()].filter(({ size }) => size > 1).length
  if (several > 0)
    intake.note(`${several} of ${pairs.size} sources have several targets: each of these counts as right`)
  if (broken > 0) intake.note(`line breaks within ${broken === 1 ? 'a row' : `${broken} rows`} read as blanks`)
  return {
    dataset: {
      name,
      length: pairs.size,
      columns: {},
      text: { source: [...pairs.keys()], target: Array.from(pairs.values(), joinRight) },
      intake: intake.result(),
    },
    columns: { source, target },
  }
}

const rowsWord = (count: number) => (count === 1 ? '1 row repeats' : `${count} rows repeat`)
