// Checkpoints: what is saved comes back, through kills, failures and damage.
import fs from 'node:fs'
import path from 'node:path'
import { UserError } from '@ddlf/tensor/errors'
import { describe, expect, test } from 'vitest'
import {
  checkpointNames,
  decodeCheckpoint,
  loadCheckpoint,
  pruneStepCheckpoints,
  saveCheckpoint,
} from '../../src/runs/checkpoint.ts'
import type { Checkpoint } from '../../src/runs/run-store.ts'
import { decodeSafetensors, encodeSafetensors } from '../../src/runs/safetensors.ts'
import { faultyFiles, filesBelow, temporaryFolder } from './temporary-folder.ts'

const state = (step: number): Checkpoint => ({
  tensors: {
    'model.weight': { dtype: 'float32', shape: [2, 2], data: Float32Array.of(step, NaN, -0, 1 / 3) },
    'model.mask': { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
    'optimizer.step': { dtype: 'int32', shape: [], data: Int32Array.of(step) },
  },
  loop: {
    epoch: 1,
    stepInEpoch: 2,
    globalStep: step,
    best: Infinity,
    schedule: { warm: true, last: -0 },
    patience: [1, 0.1],
  },
})

test('a checkpoint comes back as it was, and is a plain safetensors file', () => {
  const folder = temporaryFolder()
  saveCheckpoint(folder, ['last', 'best', 'step-12'], state(12))
  for (const name of ['last', 'best', 'step-12'] as const) expect(loadCheckpoint(folder, name)).toEqual(state(12))
  expect(loadCheckpoint(folder, 'step-13')).toBeUndefined()
  expect(filesBelow(folder)).toEqual(['best.safetensors', 'last.safetensors', 'step-000000012.safetensors'])
  expect(
    decodeSafetensors(fs.readFileSync(path.join(folder, 'last.safetensors'))).tensors['model.weight']?.shape,
  ).toEqual([2, 2])
})

test('a later save under one name leaves the names it was linked with', () => {
  const folder = temporaryFolder()
  saveCheckpoint(folder, ['last', 'best'], state(1))
  saveCheckpoint(folder, 'last', state(2))
  expect([loadCheckpoint(folder, 'best'), loadCheckpoint(folder, 'last')]).toEqual([state(1), state(2)])
})

test('keeps the newest step checkpoints', () => {
  const folder = temporaryFolder()
  for (const step of [5, 10, 100, 20]) saveCheckpoint(folder, ['last', `step-${step}`], state(step))
  expect(checkpointNames(folder)).toEqual(['last', 'step-100', 'step-20', 'step-10', 'step-5'])
  pruneStepCheckpoints(folder, 2)
  expect(checkpointNames(folder)).toEqual(['last', 'step-100', 'step-20'])
})

describe('a kill or a failure at every operation of a save', () => {
  const names = ['last', 'best', 'step-2'] as const
  test.each(['death', 'ENOSPC', 'EROFS'] as const)('%s', code => {
    for (let at = 0; ; at++) {
      const folder = temporaryFolder()
      saveCheckpoint(folder, ['last', 'best'], state(1))
      let failed = false
      try {
        const files = faultyFiles(at, code)
        saveCheckpoint(folder, names, state(2), files)
        if (files.count <= at) break
      } catch (error) {
        failed = true
        if (code !== 'death') expect(error).toBeInstanceOf(UserError)
      }
      const [last, best, kept] = names.map(name => loadCheckpoint(folder, name)?.loop.globalStep)
      // Whole, old or new; and `last` is new only where the others are.
      expect([1, 2]).toContain(last)
      expect([1, 2]).toContain(best)
      if (last === 2) expect([best, kept]).toEqual([2, 2])
      if (!failed) expect([last, best, kept]).toEqual([2, 2, 2])
      const strangers = filesBelow(folder).filter(file => !/^(last|best|step-000000002)\.safetensors$/.test(file))
      if (code === 'death') expect(strangers.every(file => file.startsWith('.') && file.endsWith('.tmp'))).toBe(true)
      else expect(strangers).toEqual([])
    }
  })
})

describe('a damaged checkpoint is a clear error', () => {
  const folder = () => {
    const result = temporaryFolder()
    saveCheckpoint(result, ['last', 'best'], state(3))
    return result
  }
  test('cut or changed at every byte', () => {
    const bytes = new Uint8Array(fs.readFileSync(path.join(folder(), 'last.safetensors')))
    for (let at = 0; at < bytes.length; at++) {
      expect(() => decodeCheckpoint(bytes.slice(0, at), 'x')).toThrow(UserError)
      const changed = bytes.slice()
      changed[at] = changed[at]! ^ 1
      expect(() => decodeCheckpoint(changed, 'x')).toThrow(UserError)
    }
  })
  test('the message names the other checkpoints', () => {
    const checkpoints = folder()
    const file = path.join(checkpoints, 'last.safetensors')
    const bytes = fs.readFileSync(file)
    fs.rmSync(file)
    fs.writeFileSync(file, bytes.subarray(0, -1))
    expect(() => loadCheckpoint(checkpoints, 'last')).toThrow(/last\.safetensors[^]*best/)
  })
  test('a safetensors file of another program', () => {
    expect(() => decodeCheckpoint(encodeSafetensors({}), 'x')).toThrow(/without the loop state/)
  })
})
