// Outputs under names that users give: what is no plain file stays what it is.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, it, vi } from 'vitest'
import { sha256 } from '../../src/runs/atomic-file.ts'
import { writeOutputFile } from '../../src/runs/output-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

it('replaces a file as a whole and leaves nothing beside it', () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'model.onnx')
  fs.writeFileSync(file, 'a longer text that was there before')
  writeOutputFile(file, Uint8Array.of(1, 2, 3))
  expect([...fs.readFileSync(file)]).toEqual([1, 2, 3])
  expect(fs.readdirSync(folder)).toEqual(['model.onnx'])
})

it.each(['there', 'absent'])('a link stays, and what it leads to is written: %s', state => {
  const folder = temporaryFolder()
  const [target, link] = [path.join(folder, 'target'), path.join(folder, 'link')]
  if (state === 'there') fs.writeFileSync(target, 'old')
  fs.symlinkSync('target', link)
  writeOutputFile(link, 'new')
  expect(fs.lstatSync(link).isSymbolicLink()).toBe(true)
  expect(fs.readFileSync(target, 'utf8')).toBe('new')
})

it('a pipe stays a pipe: its reader gets the bytes, and without one it is refused', async () => {
  const pipe = path.join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  expect(() => { writeOutputFile(pipe, 'lost') }).toThrow('while somebody reads it')
  // More than a pipe holds at once.
  const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251)
  const reader = spawn('sh', ['-c', 'exec 3<>"$0"; echo ready; head -c 300000 <&3 | sha256sum', pipe])
  let said = ''
  const ended = new Promise(resolve => reader.stdout.on('end', resolve))
  await new Promise<void>(resolve => {
    reader.stdout.on('data', (part: Buffer) => {
      said += part.toString()
      resolve()
    })
  })
  writeOutputFile(pipe, bytes)
  await ended
  expect(said).toBe(`ready\n${sha256(bytes)}  -\n`)
  expect(fs.lstatSync(pipe).isFIFO()).toBe(true)
})

it('a pipe is opened once, however many chunks there are: its reader sees one end', async () => {
  const pipe = path.join(temporaryFolder(), 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = spawn('sh', ['-c', 'echo ready; exec cat "$0"', pipe])
  const said: Buffer[] = []
  reader.stdout.on('data', (part: Buffer) => said.push(part))
  const ended = new Promise(resolve => reader.stdout.on('end', resolve))
  const pause = new Int32Array(new SharedArrayBuffer(4))
  function* chunks() {
    for (const text of ['one', 'two', 'three']) {
      yield Buffer.from(text)
      // The reader has the time to see an end.
      Atomics.wait(pause, 0, 0, 100)
    }
  }
  // The reader opens the pipe a moment after it was started.
  await vi.waitFor(() => { writeOutputFile(pipe, chunks()) }, { timeout: 20_000 })
  await ended
  expect(Buffer.concat(said).toString()).toBe('ready\nonetwothree')
})

it('a folder is named as one', () => {
  const folder = temporaryFolder()
  expect(() => { writeOutputFile(folder, 'x') }).toThrow('An output needs the name of a file.')
  expect(fs.readdirSync(folder)).toEqual([])
})
