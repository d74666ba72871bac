// Prints the cases of the op suite as JSON for golden.py: npx tsx packages/tensor/test/golden/write-cases.ts > cases.json
import { opCases } from '../op-cases.ts'

const cases = opCases().map(({ op, index, attributes, inputs }) => ({
  op: op.name,
  index,
  attributes,
  inputs: inputs.map(({ shape, dtype, data }) => ({ shape, dtype, data: [...data] })),
}))
process.stdout.write(JSON.stringify(cases))
