// What does one call of a runtime cost beside its work? 30 additions of 16 numbers, so 60 tensors, a step at a time.
// Run: npm run bench call
import { add, graph, input, type TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { machine, median } from './alternate.ts'

const rounds = Number(process.env['ROUNDS'] ?? 50)
const CALLS = 500
const LEAVES = 30
const SIZE = 16

console.log(`${machine()}; ${rounds} rounds of ${CALLS} calls\n`)
const leaves = Array.from({ length: LEAVES }, (_, i) => input(`x${i}`, { shape: [SIZE], dtype: 'float32' }))
const program = { graph: graph('additions', leaves, leaves.map(leaf => add(leaf, 1))), stateCount: LEAVES }

async function callsOf(runtime: ReturnType<typeof onnxNodeRuntime>) {
  const executable = await runtime.compileSteps(program)
  const state = (): TypedArray[] => leaves.map(() => new Float32Array(SIZE))
  let [current, next] = [state(), state()]
  return {
    microseconds: [] as number[],
    async round() {
      const started = performance.now()
      for (let call = 0; call < CALLS; call++) {
        await executable.run(current, next, [], 1)
        ;[current, next] = [next, current]
      }
      return (1000 * (performance.now() - started)) / CALLS
    },
  }
}

const ways = await Promise.all((['c-api', 'binding'] as const).map(async name => ({
  name, ...(await callsOf(onnxNodeRuntime({ threads: 1, interface: name }))),
})))
for (const way of ways) await way.round()
for (let round = 0; round < rounds; round++) for (const way of ways) way.microseconds.push(await way.round())
console.log('| microseconds a call | median | min |')
console.log('| --- | --- | --- |')
for (const { name, microseconds } of ways)
  console.log(`| ${name} | ${median(microseconds).toFixed(1)} | ${Math.min(...microseconds).toFixed(1)} |`)
