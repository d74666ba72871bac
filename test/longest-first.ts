// The order of the test files: the longest first, so that on two cores none of them ends alone, and those that mostly
// wait beside those that compute. Vitest knows durations of an earlier run only, which a fresh clone has not.
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of many seconds. The first builds the pages, for which others wait: work of another kind follows. */
const LONGEST = [
  'test/lab-page.test.ts',
  'packages/lab/test/jobs/redis-workers.test.ts',
  'packages/cli/test/tune.test.ts',
  'test/packages.test.ts',
  'packages/cli/test/own-course.test.ts',
  'packages/lab/test/train/kill.test.ts',
  'packages/cli/test/suggestions.test.ts',
  'test/pages.test.ts',
  'packages/cli/test/runs.test.ts',
  'packages/nn/test/language-webgpu.test.ts',
  'test/site.test.ts',
  'packages/lab/test/studies/run-study.test.ts',
  'packages/cli/test/own-data.test.ts',
  'test/trainer.test.ts',
  'packages/lab/test/runs/stored-run.test.ts',
  'packages/cli/test/own-text.test.ts',
  'test/study-page.test.ts',
  'packages/cli/test/course-commands.test.ts',
  'packages/cli/test/new-topic.test.ts',
  'test/other-browsers.test.ts',
  'packages/cli/test/tune-file.test.ts',
  'packages/cli/test/mistakes.test.ts',
  'packages/cli/test/exports.test.ts',
  'packages/cli/test/exercise-check.test.ts',
  'packages/lab/test/server/own-data.test.ts',
  'packages/lab/test/studies/tuning.test.ts',
  'test/queue-recordings.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      const index = LONGEST.indexOf(relative(this.ctx.config.root, moduleId))
      // Those that share a process last: it goes on from one to the next of them only.
      return index >= 0 ? index : LONGEST.length + (project.config.isolate ? 0 : 1)
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
