// Prints the cases of the op suite as JSON for golden.py: npx tsx packages/tensor/test/golden/write-cases.ts >
// cases.json
import { opCases } from '../op-cases.ts'

const cases = opCases().map(({ op, index, attributes, inputs }) => ({
  op: op.name,
  index,
  attributes,
  inputs: inputs.map(({ shape, dtype, data }) => ({ shape, dtype, data: [...data] })),
}))
// JSON has no notation for numbers that are not finite: they become strings.
process.stdout.write(JSON.stringify(
  cases, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value),
))
