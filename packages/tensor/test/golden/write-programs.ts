// Prints random programs as JSON for programs.py: npx tsx packages/tensor/test/golden/write-programs.ts 120 >
// programs.json The second argument is the seed, default 1.
import { apiProgram } from '../api-programs.ts'

const [count = 120, seed = 1] = process.argv.slice(2).map(Number)
const programs = Array.from({ length: count }, (_, i) => apiProgram(seed, i))
  .filter(({ calls }) => calls.length > 0)
  .map(({ leaves, calls }) =>
    ({ leaves: leaves.map(({ shape, dtype, data }) => ({ shape, dtype, data: [...data] })), calls }))
// JSON has no notation for numbers that are not finite, and none for -0: they become strings.
process.stdout.write(JSON.stringify(programs, (_, value: unknown) =>
  typeof value === 'number' &&
    (!Number.isFinite(value) || Object.is(value, -0)) ? (Object.is(value, -0) ? '-0' : String(value)) : value))
