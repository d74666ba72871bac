// ddlf doctor: what this installation has and lacks; what a bug report needs.
import { machineReport } from '@ddlf/lab/node'
import { pc } from '../terminal/colour.ts'
import { formatTable } from '../terminal/format.ts'

/** Does what `ddlf doctor` is asked for. */
export async function doctorAction({ runs, json = false }: { runs: string; json?: boolean }): Promise<void> {
  const groups = await machineReport({ runs })
  if (json) {
    console.log(JSON.stringify(groups, null, 2))
  } else {
    console.log(
      groups
        .map(({ title, findings }) =>
          formatTable(
            ['', title, ''],
            findings.flatMap(({ name, value, sound, next }) => [
              [sound ? pc.green('✓') : pc.red('✗'), name, value],
              ...(next === undefined ? [] : [['', '', pc.yellow(next)]]),
            ]),
          ),
        )
        .join('\n\n'),
    )
  }
  if (groups.some(({ findings }) => findings.some(({ sound }) => !sound))) process.exitCode = 1
}
