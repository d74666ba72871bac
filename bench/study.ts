// What a study costs beside its trials: the 1,000th TPE suggestion in 10 dimensions, and opening a journal of 10,000
// trials.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createStudy, floatRange, median, randomSampler, searchSpace, tpeSampler, type JournalRecord } from '@ddlf/lab'
import { openStudyJournal, readStudyJournal } from '@ddlf/lab/node'

const space = searchSpace(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x${i}`, floatRange(0, 1)])))
const sphere = (params: Readonly<Record<string, unknown>>) =>
  Object.values(params).reduce<number>((sum, x) => sum + ((x as number) - 0.3) ** 2, 0)

const study = createStudy({ name: 'bench', space, sampler: randomSampler() })
await study.optimize(({ params }) => sphere(params), { trials: 999 })
const times = Array.from({ length: 21 }, (_, i) => {
  const start = performance.now()
  tpeSampler().suggest({ space, directions: ['minimize'], trials: study.trials, number: 999, seed: i })
  return performance.now() - start
})
console.log(`the 1,000th TPE suggestion in 10 dimensions: median ${median(times).toFixed(1)} ms, ` +
  `greatest ${Math.max(...times).toFixed(1)} ms`)

const folder = mkdtempSync(path.join(tmpdir(), 'ddlf-bench-study-'))
try {
  const records: JournalRecord[] = []
  const made = createStudy({
    name: 'bench',
    space,
    sampler: randomSampler(),
    journal: { place: 'a list', read: () => [], append: more => void records.push(...more) },
  })
  await made.optimize(trial => {
    trial.report(1, 1)
    return sphere(trial.params)
  }, { trials: 10_000 })
  const journal = openStudyJournal(folder)
  journal.append(records)
  journal.close()
  const start = performance.now()
  const again = createStudy({
    name: 'bench',
    space,
    journal: { place: journal.place, read: () => readStudyJournal(journal.place), append: () => undefined },
  })
  console.log(`a journal of ${again.trials.length} trials (${(statSync(journal.place).size / 2 ** 20).toFixed(0)} ` +
    `MiB) opens in ${((performance.now() - start) / 1000).toFixed(2)} s`)
} finally {
  rmSync(folder, { recursive: true })
}
