// Which runtimes work in this process, found out by running something on each.
import { availableParallelism } from 'node:os'
import * as ort from './onnx-runtime.ts'
import { UserError } from '../../errors.ts'
import { evaluate } from '../reference/evaluate.ts'
import { tensor } from '../../ir/tensor.ts'
import { graph } from '../../ir/graph.ts'
import { add } from '../../ops/elementwise.ts'
import { findApi, missingFor } from './c-api/find-api.ts'
import { onnxNodeRuntime } from './onnx-node-runtime.ts'
import { channelBlock } from './channel-block.ts'

/** A runtime or an execution provider of it. */
export interface FoundRuntime {
  readonly name: string
  readonly works: boolean
  /** Version, threads and providers, or why it does not work. */
  readonly detail: string
  /** What to do where it does not work, or not as well as it could, and that is known. */
  readonly next?: string
}

/** Why a runtime does not work. */
function reasonOf(error: unknown): Pick<FoundRuntime, 'detail' | 'next'> {
  if (!(error instanceof UserError)) return { detail: error instanceof Error ? error.message : String(error) }
  const { missing: detail, ...next } = missingFor(error)
  return { detail, ...next }
}

/**
 * The runtimes of this process. Each is tried with a small graph; providers other than the CPU's are listed as they
 * ship.
 */
export async function availableRuntimes(): Promise<FoundRuntime[]> {
  const three = add(tensor([1]), tensor([2]))
  const found: FoundRuntime[] =
    [{ name: 'reference', works: evaluate([three])[0]?.[0] === 3, detail: 'plain TypeScript' }]
  const version = ort.env.versions.node ?? ort.env.versions.common
  try {
    const executable = await onnxNodeRuntime().compile(graph('probe', [], [three]))
    const [sum] = await executable.run([])
    await executable.release()
    const block = await channelBlock()
    const blocked = block > 0 ? `by ${block} channels` : 'not on this processor'
    const api = findApi()
    const called = 'api' in api ? `its C API (koffi ${api.api.koffi.version})`
      : `its binding, as the C API is not used: ${api.missing}`
    const detail = `ONNX Runtime ${version}, ${availableParallelism()} threads, blocked convolutions ${blocked}, ` +
      `called through ${called}`
    const next = 'missing' in api ? api.next : undefined
    found.push({ name: 'onnx-node', works: sum?.[0] === 3, detail, ...(next !== undefined && { next }) })
  } catch (error) {
    found.push({ name: 'onnx-node', works: false, ...reasonOf(error) })
  }
  const providers = ort.listSupportedBackends()
    .map(({ name, bundled }) => `${name}${bundled ? '' : ' (needs its own binaries)'}`)
  found.push({ name: 'providers', works: true, detail: providers.join(', ') })
  return found
}
