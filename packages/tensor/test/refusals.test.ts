// What a function cannot mean is refused, with the rule, the value received and what to write instead.
import { describe, expect, it } from 'vitest'
import { kinds } from '../src/errors.ts'
import * as tensors from '../src/index.ts'
import { referenceRuntime, tensor } from '../src/index.ts'
import { refuses } from './refusal.ts'

/** As JavaScript sees the exports: nothing holds anybody to their types. */
const ddlf = tensors as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>
const x = tensor([[1, 2, 3], [4, 5, 6]])
const methods = x as unknown as Readonly<Record<string, (...given: unknown[]) => unknown>>

describe('sizes and axes that are not in a list', () => {
  refuses([
    [
      'x.reshape(3, 2)', () => methods['reshape']!(3, 2),
      /reshape: the shape must be a list of whole numbers[^]*Received: "3, 2"[^]*reshape\(\[3, 2\]\)/,
    ],
    ['x.reshape(6)', () => methods['reshape']!(6), /reshape\(\[6\]\)/],
    [
      'x.transpose(1, 0)', () => methods['transpose']!(1, 0),
      /transpose: the order of the axes must be a list[^]*transpose\(\[1, 0\]\)/,
    ],
    ['x.expand(2, 2, 3)', () => methods['expand']!(2, 2, 3), /expand\(\[2, 2, 3\]\)/],
    ['zeros(2, 3)', () => ddlf['zeros']!(2, 3), /zeros: the shape must be a list[^]*zeros\(\[2, 3\]\)/],
    ['ones(4)', () => ddlf['ones']!(4), /ones\(\[4\]\)/],
    [
      'zeros([-1])', () => ddlf['zeros']!([-1]),
      /zeros: the shape must be a list of whole numbers of at least 0[^]*\[-1\]/,
    ],
    ['zeros([1e10])', () => ddlf['zeros']!([1e10]), /at most 2147483647 elements[^]*float32\[10000000000\]/],
    ['range(-1)', () => ddlf['range']!(-1), /range: the length must be a whole number from 0[^]*-1/],
    [
      'logSumExp(x, { axis: 1 })', () => ddlf['logSumExp']!(x, { axis: 1 }),
      /logSumExp: an axis of a tensor with 2 axes[^]*an object with axis[^]*Write the number/,
    ],
    [
      'x.softmax(2)', () => methods['softmax']!(2),
      /softmax: an axis of a tensor with 2 axes must be an integer from -2 to 1[^]*Received: 2/,
    ],
    [
      'squeeze an empty axis', () => ddlf['squeeze']!(ddlf['zeros']!([0, 2]), 1),
      /squeeze: only an axis of size 1 can be dropped; axis 1 has the size 2/,
    ],
    ['split(x, 0)', () => ddlf['split']!(x, 0), /split: the sizes must be a list[^]*split\(x, \[1, 1\]\)/],
    ['pad(x, 1)', () => ddlf['pad']!(x, 1), /pad: the amounts must be a list of one \[before, after\] for each axis/],
    ['pad(x, [[0, 0]])', () => ddlf['pad']!(x, [[0, 0]]), /each of the 2 axes needs two whole numbers/],
    ['x.flatten(5)', () => methods['flatten']!(5), /flatten: startAxis must be a whole number from -2 to 2/],
  ])
})

describe('tensors that are not in a list', () => {
  refuses([
    ['concat(x, x)', () => ddlf['concat']!(x, x), /concat: the tensors must be given in a list[^]*concat\(\[a, b\]\)/],
    ['concat(x, x, x)', () => ddlf['concat']!(x, x, x), /concat\(\[a, b, c\]\)/],
    ['stack(x, x)', () => ddlf['stack']!(x, x), /stack\(\[a, b\]\)/],
    [
      'differentiate(loss, x)', () => ddlf['differentiate']!(x.sum(), x),
      /must be a list of tensors[^]*differentiate\(loss, \[x\]\)/,
    ],
    [
      'differentiate(loss, [labels])', () => ddlf['differentiate']!(x.sum(), [x.cast('int32')]),
      /only float32 tensors have gradients[^]*int32\[2, 3\]/,
    ],
    [
      'conv2d(x, w, { stride: 2 })', () => ddlf['conv2d']!(x, x, { stride: 2 }),
      /the bias must be a tensor or undefined[^]*conv2d\(x, weight, undefined, \{ stride: 2 \}\)/,
    ],
    ['new Tensor()', () => new (tensors.Tensor as unknown as new () => unknown)(), /made by tensor\(\.\.\.\)/],
  ])
})

describe('dtypes and elements', () => {
  refuses([
    [
      "x.cast('int64')", () => methods['cast']!('int64'),
      /cast: the dtype must be 'float32', 'int32', 'uint8' or 'bool'[^]*"int64"/,
    ],
    [
      "tensor([1], { dtype: 'int64' })", () => ddlf['tensor']!([1], { dtype: 'int64' }),
      /tensor: dtype must be 'float32'/,
    ],
    ["tensor('a')", () => ddlf['tensor']!('a'), /elements of float32 tensors are numbers[^]*"a"/],
    ["tensor([1, '2'])", () => ddlf['tensor']!([1, '2']), /elements of float32 tensors are numbers[^]*"2"/],
    ['tensor(undefined)', () => ddlf['tensor']!(undefined), /elements of float32 tensors are numbers/],
    [
      'tensor([0.5], int32)', () => ddlf['tensor']!([0.5], { dtype: 'int32' }),
      /whole numbers from -2147483648 to 2147483647[^]*0\.5/,
    ],
    ['tensor([256], uint8)', () => ddlf['tensor']!([256], { dtype: 'uint8' }), /whole numbers from 0 to 255[^]*256/],
    ['tensor([2], bool)', () => ddlf['tensor']!(Uint8Array.of(2), { dtype: 'bool' }), /whole numbers from 0 to 1[^]*2/],
    [
      'full([2], 3e9, int32)', () => ddlf['full']!([2], 3e9, 'int32'),
      /full: the elements of int32 tensors[^]*3000000000/,
    ],
    ['full([2])', () => ddlf['full']!([2]), /full: the elements of float32 tensors are numbers/],
    ['range(300, uint8)', () => ddlf['range']!(300, 'uint8'), /range: the length must be a whole number from 0 to 256/],
    [
      'tensor of float64', () => ddlf['tensor']!(Float64Array.of(1)),
      /Float32Array, an Int32Array or a Uint8Array[^]*Float64Array of length 1[^]*Float32Array\.from/,
    ],
    [
      'tensor of arrays without end',
      () => { const list: unknown[] = []; list.push(list); return ddlf['tensor']!(list) }, /at most 64 deep/,
    ],
    [
      'an input with a control character', () => ddlf['input']!('x\0', { shape: [2], dtype: 'float32' }),
      /without control characters/,
    ],
    ['parameter without data', () => ddlf['parameter']!(undefined, [2]), /the data must be a Float32Array/],
  ])
})

describe('options of another kind', () => {
  refuses([
    [
      "keepDims: 'no'", () => methods['sum']!({ keepDims: 'no' }),
      /sum: keepDims must be true or false\.\s+Received: "no"/,
    ],
    [
      "axes: '0'", () => methods['mean']!({ axes: '0' }),
      /mean: axes must be a whole number, or a list of whole numbers/,
    ],
    [
      'correction: 7', () => methods['variance']!({ correction: 7 }),
      /the correction must be less than the number of elements[^]*6\.\s+Received: 7/,
    ],
    ['correction: -1', () => methods['variance']!({ correction: -1 }), /correction must be a number of at least 0/],
    ["approximate: 'x'", () => methods['gelu']!({ approximate: 'x' }), /approximate must be 'none' or 'tanh'/],
    [
      'clamp without an upper limit', () => methods['clamp']!(0),
      /clamp: high must be a number[^]*Received: nothing[^]*clamp\(x, low, Infinity\)/,
    ],
    ['clamp to NaN', () => methods['clamp']!(NaN, 1), /clamp: low must be a number/],
    ['transposeB: 1', () => methods['matmul']!(x, { transposeB: 1 }), /transposeB must be true or false/],
    [
      'a pooling without a window', () => ddlf['maxPool2d']!(x, {}),
      /maxPool2d: kernel must be a whole number of at least 1, or two of them, \[height, width\][^]*nothing/,
    ],
    ['a slice without an axis', () => methods['slice']!({ start: 1 }), /slice: axis must be a whole number/],
    ['a function that returns no tensor',
      () => (ddlf['compile']!(() => 5, [], { runtime: referenceRuntime }) as { graphFor(): unknown }).graphFor(),
      /compile: the function must return a tensor[^]*Received: 5/],
    ['no runtime', () => ddlf['compile']!(() => x, [], {}), /compile: runtime must be a runtime/],
  ])
})

describe('kinds', () => {
  it.each([
    [kinds.share, [0, 0.5], [1, -0.1, NaN, '0', null]],
    [kinds.atLeast(0), [0, 7], [-1, NaN, Infinity, '1']],
    [kinds.above(0), [1e-30], [0, Infinity]],
    [kinds.between(0, 1), [0, 1], [1.1, NaN]],
    [kinds.whole(1, 3), [1, 3], [0, 4, 1.5, '2']],
    [kinds.flag, [true, false], [1, 'no', null]],
    [kinds.oneOf('a', 'b'), ['a'], ['c', undefined]],
    [kinds.nullable(kinds.whole(0)), [null, 0], [-1, undefined]],
    [kinds.pairOf(kinds.whole(1)), [2, [2, 3]], [[2], [2, 3, 4], 0, '2']],
    [kinds.name, ['x', ''], ['x\0', '\ud800', 5]],
    [kinds.listOf(kinds.whole(0), 'sizes'), [[], [1, 0]], [[1, -1], { length: 0 }, new Int32Array(1), Array(2)]],
  ] as const)('%j', (kind, accepted, refused) => {
    expect(accepted.filter(value => !kind.accepts(value))).toEqual([])
    expect((refused as readonly unknown[]).filter(value => kind.accepts(value))).toEqual([])
  })
})

describe('what has no text of its own', () => {
  const bare = Object.create(null) as unknown
  refuses([
    ['reshape to a symbol', () => methods['reshape']!([2, Symbol('a')]), /reshape: the shape[^]*Symbol\(a\)/],
    ['expand to an object', () => methods['expand']!([bare]), /expand: the shape must be a list of whole numbers/],
    ['tril of an object', () => ddlf['tril']!(x, bare), /tril: the diagonal must be a whole number/],
    [
      'triu of a symbol',
      () => methods['triu']!(Symbol('a')),
      /triu: the diagonal must be a whole number[^]*Symbol\(a\)/,
    ],
    ['triu of a fraction', () => ddlf['triu']!(x, 0.5), /triu: the diagonal must be a whole number/],
  ])
})

describe('more numbers than a graph can hold', () => {
  refuses([
    [
      'range(1e9)',
      () => ddlf['range']!(1e9),
      /range: the length must be a whole number from 0 to 268435456[^]*1000000000/,
    ],
    ['range(300, uint8)', () => ddlf['range']!(300, 'uint8'), /range: the length must be a whole number from 0 to 256/],
  ])
})
