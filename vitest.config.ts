// How the unit, parity and end-to-end suites run.
import { defineConfig } from 'vitest/config'
import { compiledStarters } from './test/compile-checkout.ts'
import { LongestFirst } from './test/longest-first.ts'

// The native runtime's telemetry is off in every process of the tests, whatever it imports first.
process.env['ORT_DISABLE_TELEMETRY'] = '1'

/**
 * Tests that compute and leave their process as it was share one, which loads the packages once; not those that replace
 * modules, count what a process holds, or run processes for long.
 */
const TOGETHER = [
  'packages/tensor/test/**/!(c-api|ops).test.ts',
  'packages/{nn,data}/test/**/*.test.ts',
  'packages/lab/test/{analysis,data-source,experiment,fit,generation,own-data,plots,recordings}/**/*.test.ts',
  'packages/lab/test/{studies,tasks,train,trained}/**/!(kept-runs|run-study|tuning|kill).test.ts',
  'course/**/*.test.ts',
]

export default defineConfig({
  plugins: [compiledStarters()],
  test: {
    // What tests start as processes and threads, in JavaScript.
    globalSetup: 'test/compile-checkout.ts',
    testTimeout: 60_000,
    // Bounds against hanging only: what a hook closes and what a test waits for takes long on a busy machine.
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // For two cores: of three files one mostly waits, for a process, a page or a lease.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...TOGETHER],
        },
      },
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
    ],
  },
})
