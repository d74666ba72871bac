// Products of two matrices, with the same bits on one thread and on two.
import type { Emitter } from './emitter.ts'

/** [rows, inner] x [inner, columns], and which operands lie transposed. */
export interface ProductForm {
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Products of fewer multiplications are not divided among threads. */
const DIVIDED = 65_536
/** Columns are divided in groups of so many. */
const GROUP = 16

/** How many inner elements the kernel adds up before it begins the next sum: more, where there are few columns. */
function addedAtOnce(columns: number, inner: number): number {
  if (columns >= inner || columns > 64) return 128
  return columns > 32 ? 256 : columns > 16 ? 512 : 1024
}

/**
 * Whether two threads would add up in another order than one. More columns than rows are divided by columns, and how
 * many inner elements are added at once follows from the columns of a share (ONNX Runtime, MlasGemmBatch and
 * MlasSgemmOperation in sgemm.cpp); rows are computed alike in any share, but for those of a matrix times one column:
 * there several rows at once are multiplied, and those left over in another way.
 */
export function dependsOnThreads({ rows, inner, columns, transposeA }: ProductForm): boolean {
  if (rows === 1 || rows * inner * columns < DIVIDED) return false
  if (columns === 1) return true
  if (transposeA || columns <= rows) return false
  const first = Math.ceil(Math.ceil(columns / GROUP) / 2) * GROUP
  const whole = addedAtOnce(columns, inner)
  return [first, columns - first].some(share => {
    const part = addedAtOnce(share, inner)
    return share > 0 && part !== whole && inner > Math.min(part, whole)
  })
}

/** A product of matrices with two axes each, and where there is a third name, of that added to each row. */
export function emitProduct(emitter: Emitter, names: readonly string[], form: ProductForm): string {
  const { rows, inner, columns, transposeA, transposeB } = form
  if (!emitter.steady || !dependsOnThreads(form)) {
    return emitter.node('Gemm', names, { transA: Number(transposeA), transB: Number(transposeB) })
  }
  const [a, b, ...bias] = names as [string, string, string?]
  // The transposed product has more rows than columns, or one row, which is divided in whole groups of columns.
  const turned = emitter.node(
    'Gemm', [columns === 1 ? emitter.reshape(b, [1, inner]) : b, a,
      ...bias.map(values => emitter.reshape(values as string, [columns, 1]))],
    { transA: Number(columns > 1 && !transposeB), transB: Number(!transposeA) },
  )
  if (columns === 1) return emitter.reshape(turned, [rows, 1])
  // A third axis keeps ONNX Runtime from taking the transposition back into the product.
  const back = emitter.node('Transpose', [emitter.reshape(turned, [1, columns, rows])], { perm: [0, 2, 1] })
  return emitter.reshape(back, [rows, columns])
}
