// Sums of products named by letters, written as the matrix products that compute them fastest.
import { UserError } from '../errors.ts'
import { formatShape, sizeOf } from '../ir/shape.ts'
import { requireTensors, type Tensor } from '../ir/tensor.ts'
import { mul } from './elementwise.ts'
import { matmul } from './matmul.ts'
import { sum } from './reduce.ts'
import { reshape, transpose } from './shape.ts'
import { slice } from './slice.ts'

/** A tensor whose axes have names: letters, and `.0`, `.1` ... for the axes of an ellipsis, counted from the last. */
interface Term {
  readonly tensor: Tensor
  readonly labels: readonly string[]
}

const wrong = (rule: string, equation: string, next?: string) =>
  new UserError({ rule: `einsum: ${rule}`, received: `'${equation}'`, next })

const NEXT =
  "Write it like 'ij,jk->ik': one letter an axis, a comma between operands, and the axes of the result behind ->."

/** The names of the axes of one operand of `rank` axes, or of the result (`rank` axes in its ellipsis). */
function labelsOf(text: string, equation: string, ellipsis: number): string[] {
  const match = /^([A-Za-z]*)(\.\.\.)?([A-Za-z]*)$/.exec(text)
  if (!match) throw wrong(`'${text}' is no list of axes.`, equation, NEXT)
  const [, before = '', dots, after = ''] = match
  const between = dots ? Array.from({ length: Math.max(ellipsis, 0) }, (_, i) => `.${ellipsis - 1 - i}`) : []
  return [...Array.from(before), ...between, ...Array.from(after)]
}

interface Parsed {
  readonly terms: readonly Term[]
  readonly output: readonly string[]
}

function parse(equation: string, operands: readonly Tensor[]): Parsed {
  const [left = '', right, ...more] = equation.replaceAll(' ', '').split('->')
  const texts = left.split(',')
  if (more.length > 0) throw wrong('there is one -> at most.', equation, NEXT)
  if (texts.length !== operands.length)
    throw wrong(`the equation names ${texts.length} operands, and ${operands.length} were given.`, equation, NEXT)
  const terms = texts.map((text, i): Term => {
    const tensor = operands[i] as Tensor
    const letters = text.replace('...', '').length
    const labels = labelsOf(text, equation, tensor.rank - letters)
    if (labels.length !== tensor.rank) {
      throw wrong(
        `operand ${i + 1} has the shape ${formatShape(tensor.shape)}, and '${text}' names ${labels.length} axes.`,
        equation,
      )
    }
    return { tensor, labels }
  })
  const all = terms.flatMap(({ labels }) => labels)
  const dots = all.filter(label => label.startsWith('.')).map(label => Number(label.slice(1)) + 1)
  const ellipsis = Math.max(0, ...dots)
  const output =
    right === undefined
      ? [
          ...labelsOf('...', equation, ellipsis),
          ...[...new Set(all)]
            .filter(label => !label.startsWith('.') && all.indexOf(label) === all.lastIndexOf(label))
            .sort(),
        ]
      : labelsOf(right, equation, ellipsis)
  const unknown = output.find(label => !all.includes(label))
  if (unknown !== undefined) throw wrong(`the result names '${unknown}', which no operand has.`, equation)
  if (new Set(output).size !== output.length) throw wrong('the result names an axis twice.', equation)
  return { terms, output }
}

/** The size of each axis; a size of 1 repeats where another operand has more. */
function sizesOf(terms: readonly Term[], equation: string): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { tensor, labels } of terms) {
    labels.forEach((label, axis) => {
      const [first, here] = [tensor.shape[labels.indexOf(label)], tensor.shape[axis]]
      if (first !== here) {
        throw wrong(
          `'${label}' names two axes of one operand, of the sizes ${first} and ${here}: a diagonal has equal sides.`,
          equation,
          'Give it a square there.',
        )
      }
      const [known = 1, size] = [sizes.get(label), tensor.shape[axis] as number]
      if (known !== size && known !== 1 && size !== 1) {
        throw wrong(
          `the axis '${label}' has the sizes ${known} and ${size}.`,
          equation,
          'Give operands whose axes of one name have one size.',
        )
      }
      sizes.set(label, known === 1 ? size : known)
    })
  }
  return sizes
}

/** An operand that names an axis twice holds its diagonal along it. */
function takeDiagonals({ tensor, labels }: Term): Term {
  const twice = labels.findIndex((label, axis) => labels.indexOf(label) < axis)
  if (twice < 0) return { tensor, labels }
  const first = labels.indexOf(labels[twice] as string)
  const size = tensor.shape[first] as number
  const others = labels.flatMap((_, axis) => (axis === first || axis === twice ? [] : [axis]))
  const rest = others.map(axis => tensor.shape[axis] as number)
  const flat = reshape(transpose(tensor, [...others, first, twice]), [...rest, size * size])
  const names = [...others.map(axis => labels[axis] as string), labels[first] as string]
  return takeDiagonals({ tensor: slice(flat, { axis: rest.length, step: size + 1 }), labels: names })
}

/** The term without its axes for which `drop` holds, summed over them. */
function sumOver({ tensor, labels }: Term, drop: (label: string, axis: number) => boolean): Term {
  const axes = labels.flatMap((label, axis) => (drop(label, axis) ? [axis] : []))
  return axes.length === 0
    ? { tensor, labels }
    : { tensor: sum(tensor, { axes }), labels: labels.filter((_, axis) => !axes.includes(axis)) }
}

/** The term with its axes in an order; names that it lacks become axes of size 1. */
function inOrder({ tensor, labels }: Term, order: readonly string[]): Tensor {
  const own = order.filter(label => labels.includes(label))
  const moved = transpose(
    tensor,
    own.map(label => labels.indexOf(label)),
  )
  return reshape(
    moved,
    order.map(label => (labels.includes(label) ? (tensor.shape[labels.indexOf(label)] as number) : 1)),
  )
}

const startsWith = (labels: readonly string[], first: readonly string[]) =>
  first.every((label, i) => labels[i] === label)

/** The product of two terms, summed over the axes that they share and that are not in `kept`. */
function contract(a: Term, b: Term, kept: ReadonlySet<string>, output: readonly string[]): Term {
  const shared = a.labels.filter(label => b.labels.includes(label))
  const inner = shared.filter(label => !kept.has(label))
  const outer = (x: Term) => x.labels.filter(label => !shared.includes(label))
  const position = (label: string) => (output.includes(label) ? output.indexOf(label) : output.length)
  const byOutput = (labels: readonly string[]) => [...labels].sort((p, q) => position(p) - position(q))
  if (inner.length === 0) {
    const order = byOutput([...a.labels, ...outer(b)])
    return { tensor: mul(inOrder(a, order), inOrder(b, order)), labels: order }
  }
  const first = byOutput([...outer(a), ...outer(b)])[0]
  if (first !== undefined && b.labels.includes(first)) [a, b] = [b, a]
  const batch = byOutput(shared.filter(label => kept.has(label)))
  const [rows, columns] = [outer(a), outer(b)]
  const sizes = (x: Term, labels: readonly string[]) =>
    labels.map(label => x.tensor.shape[x.labels.indexOf(label)] as number)
  const oriented = (x: Term, orders: readonly [readonly string[], readonly string[]], natural: boolean): Tensor => {
    const batchSizes = sizes(x, batch)
    return reshape(inOrder(x, natural ? x.labels : [...batch, ...orders[0], ...orders[1]]), [
      ...batchSizes,
      ...orders.map(labels => sizeOf(sizes(x, labels))),
    ])
  }
  // Without a batch a matrix enters transposed at no cost.
  const transposeA = batch.length === 0 && rows.length > 0 && startsWith(a.labels, [...inner, ...rows])
  const transposeB = batch.length === 0 && columns.length > 0 && startsWith(b.labels, [...columns, ...inner])
  const left = oriented(a, transposeA ? [inner, rows] : [rows, inner], transposeA)
  const right = oriented(b, transposeB ? [columns, inner] : [inner, columns], transposeB)
  const product = matmul(left, right, { transposeA, transposeB })
  return {
    tensor: reshape(product, [...sizes(a, batch), ...sizes(a, rows), ...sizes(b, columns)]),
    labels: [...batch, ...rows, ...columns],
  }
}

/** The pair whose product takes the fewest multiplications, and of several the one with the smallest result. */
function cheapestPair(
  terms: readonly Term[],
  sizes: ReadonlyMap<string, number>,
  output: readonly string[],
): [number, number] {
  const volume = (labels: Iterable<string>) =>
    [...labels].reduce((product, label) => product * (sizes.get(label) ?? 1), 1)
  let best: [number, number] = [0, 1]
  let least = [Infinity, Infinity]
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const labels = [...new Set([terms[i], terms[j]].flatMap(term => (term as Term).labels))]
      const needed = new Set([...output, ...terms.filter((_, k) => k !== i && k !== j).flatMap(term => term.labels)])
      const cost = [volume(labels), volume(labels.filter(label => needed.has(label)))]
      const [work, size] = cost as [number, number]
      if (work < (least[0] as number) || (work === least[0] && size < (least[1] as number)))
        [best, least] = [[i, j], cost]
    }
  }
  return best
}

/**
 * A sum of products in Einstein's notation: `einsum('bqd,bkd->bqk', q, k)` multiplies and adds over the axes that the
 * result does not name. Axes of one name have one size, or 1, which repeats. `...` stands for further axes, aligned
 * at the last; a name twice in an operand takes its diagonal; without `->` the result has the names that occur once,
 * sorted. It is computed by matrix products, in the order that takes the fewest multiplications at each step.
 * @param operands float32
 * @throws UserError when the equation is malformed or does not fit the operands
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (typeof equation !== 'string')
    throw new UserError({ rule: 'einsum: the equation is a text.', received: typeof equation, next: NEXT })
  requireTensors('einsum', ...operands)
  const { terms: given, output } = parse(equation, operands)
  const sizes = sizesOf(given, equation)
  // An axis of size 1 that repeats takes no part.
  let terms = given.map(term =>
    takeDiagonals(sumOver(term, (label, axis) => term.tensor.shape[axis] === 1 && sizes.get(label) !== 1)),
  )
  const wanted = (others: readonly Term[]) => new Set([...output, ...others.flatMap(({ labels }) => labels)])
  terms = terms.map((term, i) => {
    const kept = wanted(terms.filter((_, k) => k !== i))
    return sumOver(term, label => !kept.has(label))
  })
  while (terms.length > 1) {
    const [i, j] = cheapestPair(terms, sizes, output)
    const others = terms.filter((_, k) => k !== i && k !== j)
    const kept = wanted(others)
    const product = contract(terms[i] as Term, terms[j] as Term, kept, output)
    terms = [sumOver(product, label => !kept.has(label)), ...others]
  }
  const [result] = terms as [Term]
  return transpose(
    result.tensor,
    output.map(label => result.labels.indexOf(label)),
  )
}
