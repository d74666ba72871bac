// Against files that another program wrote with PyTorch's tensors (golden/safetensors_golden.py), and read by it.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors } from '../../src/runs/safetensors.ts'
import { temporaryFolder } from './temporary-folder.ts'

type Listing = Record<string, { stored: string; shape: number[]; values: number[] }>

const golden = (name: string) => fileURLToPath(new URL(`golden/${name}`, import.meta.url))
const bytesOf = (name: string) => new Uint8Array(fs.readFileSync(golden(name)))
const expected = JSON.parse(fs.readFileSync(golden('safetensors.json'), 'utf8')) as { mlp: Listing; dtypes: Listing }

test.each(['mlp', 'dtypes'] as const)('reads %s.safetensors as PyTorch holds it', name => {
  const { tensors } = decodeSafetensors(bytesOf(`${name}.safetensors`))
  const read = Object.fromEntries(
    Object.entries(tensors).map(([key, { stored, shape, data }]) => [key, { stored, shape, values: [...data] }]),
  )
  // float64 is rounded to float32
  const wanted = Object.entries(expected[name]).map(([key, tensor]) => [
    key,
    tensor.stored === 'F64' ? { ...tensor, values: tensor.values.map(Math.fround) } : tensor,
  ])
  expect(read).toEqual(Object.fromEntries(wanted))
})

test('writes the same bytes as the other program', () => {
  const bytes = bytesOf('mlp.safetensors')
  const { tensors, metadata } = decodeSafetensors(bytes)
  expect(metadata).toEqual({ format: 'pt' })
  expect(encodeSafetensors(tensors, metadata)).toEqual(bytes)
})

test('the other program reads what is written here', context => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
  } catch {
    if (process.env['CI']) throw new Error('python3 is absent')
    console.warn('skipped: python3 is absent; install it with: apt-get install python3')
    context.skip('python3 is absent')
  }
  const file = path.join(temporaryFolder(), 'x.safetensors')
  const tensors = {
    w: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0.1, -2, 3e38, 1e-45) },
    n: { dtype: 'int32', shape: [], data: Int32Array.of(-7) },
    'ключ "é"': { dtype: 'bool', shape: [3], data: Uint8Array.of(0, 1, 1) },
    none: { dtype: 'uint8', shape: [0, 4], data: new Uint8Array(0) },
  } as const
  fs.writeFileSync(file, encodeSafetensors(tensors, { note: 'ü' }))
  const read = JSON.parse(execFileSync('python3', [golden('read_safetensors.py'), file]).toString()) as {
    tensors: Listing
    metadata: unknown
  }
  const stored = { float32: 'F32', int32: 'I32', bool: 'BOOL', uint8: 'U8' }
  expect(read.metadata).toEqual({ note: 'ü' })
  expect(read.tensors).toEqual(
    Object.fromEntries(
      Object.entries(tensors).map(([key, { dtype, shape, data }]) => [
        key,
        { stored: stored[dtype], shape: [...shape], values: [...data] },
      ]),
    ),
  )
})
