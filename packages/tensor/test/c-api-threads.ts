// A program for c-api.test.ts: threads that run sessions at once, one that is ended while it has sessions open, and an
// end of the process with sessions open. Prints what each thread computed.
import '../src/runtimes/onnx-node/no-telemetry.ts'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** The sum of the numbers below 100, many times, on two threads of its own; the session stays open. */
async function compute(): Promise<number> {
  const { graph, input, mul, sum } = await import('../src/index.ts')
  const { onnxNodeRuntime } = await import('../src/node.ts')
  const x = input('x', { shape: [100], dtype: 'float32' })
  const runtime = onnxNodeRuntime({ threads: 2, interface: 'c-api' })
  const executable = await runtime.compile(graph('g', [x], [sum(mul(x, 1))]))
  const numbers = Float32Array.from({ length: 100 }, (_, i) => i)
  let total = 0
  for (let i = 0; i < 300; i++) total = (await executable.run([numbers]))[0]?.[0] ?? 0
  return total
}

if (isMainThread) {
  const workers = [0, 1].map(() => new Worker(new URL(import.meta.url)))
  const answers = await Promise.all(workers.map(worker => once(worker, 'message') as Promise<number[]>))
  // One ends by force with its session open, the other by itself.
  await workers[0]?.terminate()
  workers[1]?.postMessage('end')
  await once(workers[1] as Worker, 'exit')
  console.log([...answers.flat(), await compute()].join(' '))
  process.exit(0)
} else {
  parentPort?.postMessage(await compute())
  parentPort?.once('message', () => parentPort?.close())
}
