// Our side of gpt-step.ts: bursts of training steps of a model of language, several steps in one run.
import { createInterface } from 'node:readline'
import { flopOf, type TypedArray } from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { languageStep, type LanguageCase } from './language-models.ts'

const [caseText = '{}', runText = '10'] = process.argv.slice(2)
const given = JSON.parse(caseText) as LanguageCase
const perRun = Number(runText)
const length = given.kind === 'cnn' ? given.time : given.time + 1

const step = languageStep(given)
const executable = await onnxNodeRuntime({ threads: 2 }).compileSteps(step)
let current: TypedArray[] = step.state.map(({ data }) => data.slice())
let next: TypedArray[] = step.state.map(({ data }) => data.slice())
let done = 0

const tokens = Int32Array.from({ length: perRun * given.batch * length }, (_, i) => (i * 7919) % given.words)
const labels = Int32Array.from({ length: perRun * given.batch }, (_, i) => i % 2)

async function run(steps: number): Promise<void> {
  const numbers = Array.from({ length: steps }, (_, i) => done + i)
  await executable.run(
    current,
    next,
    [
      tokens.subarray(0, steps * given.batch * length),
      labels.subarray(0, steps * given.batch),
      new Float32Array(steps).fill(1e-3),
      Float32Array.from(numbers, i => i + 1),
      Int32Array.from({ length: 2 * steps }, (_, i) => 2 * done + i),
    ],
    steps,
  )
  ;[current, next] = [next, current]
  done += steps
}

console.log(`onnxruntime-node, 2 threads, ${perRun} steps a run, ${(flopOf(step.graph) / 1e9).toFixed(3)} GFLOP a step`)
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as { steps: number }
  const started = performance.now()
  for (let left = steps; left > 0; left -= perRun) await run(Math.min(perRun, left))
  const { maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ seconds: (performance.now() - started) / 1000, megabytes: maxRSS / 1024 }))
}
