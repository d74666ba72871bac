// The order of the test files: the longest first, so that on two cores none of them ends alone, and those that mostly
// wait beside those that compute. Vitest knows durations of an earlier run only, which a fresh clone has not.
import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files of half a minute and more. The first builds the pages, for which others wait: work of another kind follows. */
const LONGEST = [
  'test/lab-page.test.ts',
  'packages/lab/test/jobs/redis-workers.test.ts',
  'test/packages.test.ts',
  'packages/cli/test/tune.test.ts',
  'packages/lab/test/train/kill.test.ts',
  'test/site.test.ts',
  'packages/cli/test/runs.test.ts',
  'packages/cli/test/course-commands.test.ts',
  'packages/nn/test/language-webgpu.test.ts',
  'packages/lab/test/studies/tuning.test.ts',
  'packages/cli/test/options.test.ts',
  'test/other-browsers.test.ts',
  'packages/lab/test/runs/stored-run.test.ts',
  'test/pages.test.ts',
  'packages/lab/test/server/own-data.test.ts',
  'test/trainer.test.ts',
  'test/queue-recordings.test.ts',
  'packages/cli/test/suggestions.test.ts',
  'packages/cli/test/stopping.test.ts',
  'packages/lab/test/jobs/process-executor.test.ts',
]

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.indexOf(relative(this.ctx.config.root, moduleId))
      return index < 0 ? LONGEST.length : index
    }
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
