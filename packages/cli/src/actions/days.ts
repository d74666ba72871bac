// ddlf days: the 30 days, and what can be run today.
import { topics } from '../course.ts'
import { pc } from '../terminal/colour.ts'
import { formatTable } from '../terminal/format.ts'

/** Does what `ddlf days` is asked for. */
export function daysAction({ json = false }: { json?: boolean }): void {
  if (json) {
    console.log(
      JSON.stringify(
        topics.map(({ experiments, ...topic }) => ({
          ...topic,
          experiments: experiments.map(({ name, title, question, data }) => ({
            name,
            title,
            question,
            dataset: data.name,
          })),
        })),
        null,
        2,
      ),
    )
    return
  }
  console.log(
    formatTable(
      ['days', 'topic', 'data', 'experiments'],
      topics.map(({ days: [first, last], title, datasets, experiments }) => [
        `${first}-${last}`,
        title,
        datasets.join(', '),
        experiments.map(({ name }) => pc.green(name)).join(', ') || pc.dim('planned'),
      ]),
    ),
  )
}
