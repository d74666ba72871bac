// Native libraries that are cut off are refused before they are loaded.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { bindingPackage, libraryFile } from '../src/runtimes/onnx-node/c-api/library-file.ts'
import { requireWholeFile } from '../src/runtimes/onnx-node/whole-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'ddlf-whole-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const onLinux = it.runIf(process.platform === 'linux')

onLinux('a library that lacks its last byte, its half, or all, is refused; a whole one is not', () => {
  const whole = join(dirname(libraryFile(bindingPackage().folder) as string), 'onnxruntime_binding.node')
  expect(() => { requireWholeFile(whole) }).not.toThrow()
  const { length } = readFileSync(whole)
  const cut = join(folder, 'cut.node')
  for (const bytes of [length - 1, Math.floor(length / 2), 64, 0]) {
    copyFileSync(whole, cut)
    truncateSync(cut, bytes)
    expect(() => { requireWholeFile(cut) })
      .toThrow(new RegExp(`cut.node must be whole[^]*Received: ${bytes} bytes[^]*npm ci`))
  }
})

it('what is no such library is left to the loader', () => {
  const other = join(folder, 'other.dylib')
  writeFileSync(other, Buffer.from('cffaedfe0700', 'hex'))
  expect(() => { requireWholeFile(other) }).not.toThrow()
})
