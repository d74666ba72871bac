// The one walker of graphs: rebuilds a computation from its leaves up, while a pass says what takes the place of what.
import type { Application } from '../ir/application.ts'
import { checkGraph } from '../ir/check.ts'
import { partsOf, type Graph } from '../ir/graph.ts'
import type { Region } from '../ir/region.ts'
import { sameShape } from '../ir/shape.ts'
import { formatType, Tensor } from '../ir/tensor.ts'

/** What a pass changes. What it does not speak of stays. */
export interface Rewriting {
  /** What takes the place of given tensors; what replaces them is not looked into. */
  readonly given?: ReadonlyMap<Tensor, Tensor>
  /** What takes the place of a leaf. */
  readonly leaf?: (leaf: Tensor) => Tensor
  /**
   * What takes the place of the outputs of an application, whose inputs and regions are rebuilt already; `undefined`
   * keeps it.
   * @param walk rebuilds tensors that the pass has made, as if they stood in the computation
   * @param original the application as it was
   */
  readonly application?: (
    application: Application,
    walk: (tensors: readonly Tensor[]) => Tensor[],
    original: Application,
  ) => readonly Tensor[] | undefined
  /** What takes the place of a region inside an application; it is asked once for each region. */
  readonly region?: (region: Region) => Region
}

/** The same op on other inputs, with other regions. */
function reapply(application: Application, inputs: readonly Tensor[], regions: readonly Region[]): Application {
  const { op, attributes } = application
  const same = (a: readonly unknown[], b: readonly unknown[]) => a.every((value, i) => value === b[i])
  if (same(inputs, application.inputs) && same(regions, application.regions)) return application
  const [first] = Tensor.applyAll(op, inputs, attributes, regions)
  return (first?.origin as NonNullable<Tensor['origin']>).application
}

/**
 * Rebuilds what the given tensors depend on, each part once.
 * @returns what takes their place, in order
 * @throws Error when something of another shape or dtype would take the place of a tensor
 */
export function rebuild(results: readonly Tensor[], rewriting: Rewriting): Tensor[] {
  const { given, leaf: leafOf = (leaf: Tensor) => leaf, application: rewrite, region: regionOf } = rewriting
  const rebuilt = new Map<Tensor, Tensor>(given ?? [])
  const regions = new Map<Region, Region>()
  const regionFor = (region: Region): Region => {
    const known = regions.get(region)
    if (known) return known
    const made = regionOf?.(region) ?? region
    regions.set(region, made)
    return made
  }
  const put = (tensor: Tensor, replacement: Tensor | undefined) => {
    if (!replacement || replacement.dtype !== tensor.dtype || !sameShape(replacement.shape, tensor.shape)) {
      const given = replacement ? formatType(replacement) : 'nothing'
      throw new Error(
        `${tensor.op?.name ?? tensor.toString()}: ${given} cannot take the place of ${formatType(tensor)}.`,
      )
    }
    rebuilt.set(tensor, replacement)
    // What has been made is done: a pass that walks over it again leaves it as it is.
    if (!rebuilt.has(replacement)) rebuilt.set(replacement, replacement)
  }
  const walk = (tensors: readonly Tensor[]): Tensor[] => {
    for (const part of partsOf(tensors, rebuilt)) {
      if (part.leaf) {
        put(part.leaf, leafOf(part.leaf))
        continue
      }
      const inputs = part.application.inputs.map(input => rebuilt.get(input) as Tensor)
      const application = reapply(part.application, inputs, part.application.regions.map(regionFor))
      const outputs = rewrite?.(application, walk, part.application) ?? application.outputs
      part.outputs.forEach((output, i) => output && put(output, outputs[i]))
    }
    return tensors.map(tensor => rebuilt.get(tensor) as Tensor)
  }
  return walk(results)
}

/** Rebuilds a graph, whose inputs stay the same leaves in the same order, and checks what came out. */
export function rebuildGraph(graph: Graph, rewriting: Rewriting): Graph {
  const result = { ...graph, outputs: rebuild(graph.outputs, rewriting) }
  checkGraph(result)
  return result
}

/** Rebuilds a region, whose inputs stay the same. */
export const rebuildRegion = (region: Region, rewriting: Rewriting): Region => ({
  ...region,
  outputs: rebuild(region.outputs, rewriting),
})
