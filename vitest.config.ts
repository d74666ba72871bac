// How the unit, parity and end-to-end suites run.
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.ts'

// The native runtime's telemetry is off in every process of the tests, whatever it imports first.
process.env['ORT_DISABLE_TELEMETRY'] = '1'

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'course/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    // A bound against hanging only: what a hook removes or closes waits for a busy machine.
    hookTimeout: 120_000,
    // Two cores: native kernels use both, so more workers only contend.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
