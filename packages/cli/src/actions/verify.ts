// ddlf verify [runs...]: checks that runs hold what they recorded, and says what is wrong and how to have it again.
import {
  findRunPlace,
  nameOfRun,
  removedRuns,
  runPlaces,
  verifyRun,
  type FileFinding,
  type RunFolder,
  type RunVerification,
} from '@ddlf/lab/node'
import { pc } from '../terminal/colour.ts'
import { asCalled } from '../terminal/command-line.ts'
import { formatCount, formatTable } from '../terminal/format.ts'
import { liveText } from '../terminal/live.ts'

const MARKS: Record<FileFinding['state'], string> = {
  sound: pc.green('✓'),
  unrecorded: pc.dim('·'),
  wrong: pc.red('✗'),
}

function printFiles(files: readonly FileFinding[]): void {
  console.log(
    formatTable(
      ['', 'file', ''],
      files.flatMap(({ file, state, said, remedy }) => [
        [MARKS[state], file, said],
        ...(remedy === undefined ? [] : [['', '', pc.yellow(asCalled(remedy))]]),
      ]),
    ),
  )
}

const count = (number: number, noun: string) => `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`

/** The last line: how many runs are sound, and what was found of them. */
function totals(results: readonly RunVerification[]): string {
  const wrong = results.filter(({ sound }) => !sound)
  const files = results.flatMap(result => result.files)
  const without = files.filter(({ state, said }) => state === 'unrecorded' && said.startsWith('no checksum')).length
  const parts = [
    `${count(results.length, 'run')}, ${count(files.length, 'file')}: ` +
      (wrong.length === 0 ? 'nothing is wrong' : `something is wrong with ${count(wrong.length, 'run')}`),
    ...(without > 0 ? [`${count(without, 'file')} without a recorded checksum`] : []),
  ]
  return parts.join('; ')
}

/** Checks runs one after another, with the run at hand shown on a terminal. */
function verifyAll(runs: readonly RunFolder[]): RunVerification[] {
  const update = process.stderr.isTTY ? liveText(process.stderr) : undefined
  try {
    return runs.map((run, i) => {
      update?.(`${i + 1}/${runs.length}  ${nameOfRun(run)}`)
      return verifyRun(run)
    })
  } finally {
    update?.clear()
  }
}

/** Does what `ddlf verify` is asked for. */
export function verifyAction(
  references: readonly string[],
  { runs: root, json = false }: { runs: string; json?: boolean },
): void {
  const named = references.map(reference => findRunPlace(root, reference))
  const results = verifyAll(named.length > 0 ? named : [...runPlaces(root), ...removedRuns(root)])
  if (results.some(({ sound }) => !sound)) process.exitCode = 1
  if (json) {
    console.log(JSON.stringify(results, null, 2))
    return
  }
  for (const { run, folder, status, sound, files } of results) {
    // Of many runs, those with something wrong.
    const shown = named.length > 0 ? files : files.filter(({ state }) => state === 'wrong')
    if (sound && named.length === 0) continue
    console.log(
      `${pc.bold(run)}  ${status ?? 'no readable record'}${folder.includes('.trash') ? ', in the trash' : ''}`,
    )
    printFiles(shown)
    console.log('')
  }
  console.log(results.length === 0 ? 'No runs here yet.' : totals(results))
}
