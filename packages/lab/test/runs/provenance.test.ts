// Where a result comes from: commit, lock file, machine, versions.
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { describeMachine, gitState, installedVersions, lockFileHash } from '../../src/runs/provenance.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('the commit, and what differs from it', () => {
  const folder = temporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], { cwd: folder, stdio: 'pipe' })
  expect(gitState(folder)).toBeNull()
  git('init', '-q')
  expect(gitState(folder)).toBeNull()
  fs.writeFileSync(path.join(folder, 'a.txt'), 'one')
  fs.writeFileSync(path.join(folder, '.gitignore'), 'runs/\n')
  git('add', '.')
  git('commit', '-q', '-m', 'one')
  const clean = gitState(folder)
  expect(clean).toEqual({ commit: expect.stringMatching(/^[0-9a-f]{40}$/) as string, dirty: null })

  const states = new Set([clean?.dirty])
  const note = () => {
    const state = gitState(folder)
    expect(state?.commit).toBe(clean?.commit)
    states.add(state?.dirty)
  }
  fs.writeFileSync(path.join(folder, 'a.txt'), 'two')
  note()
  fs.writeFileSync(path.join(folder, 'b.txt'), 'new')
  note()
  fs.writeFileSync(path.join(folder, 'b.txt'), 'newer')
  note()
  expect(states.size).toBe(4)
  fs.mkdirSync(path.join(folder, 'runs'))
  fs.writeFileSync(path.join(folder, 'runs/x'), 'ignored')
  note()
  expect(states.size).toBe(4)
})

test('the lock file is found above the folder', () => {
  const folder = temporaryFolder()
  fs.mkdirSync(path.join(folder, 'a/b'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'package-lock.json'), 'abc')
  expect(lockFileHash(path.join(folder, 'a/b'))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})

test('machine and versions', () => {
  expect(describeMachine().cores).toBeGreaterThan(0)
  expect(installedVersions()).toMatchObject({
    node: process.versions.node,
    '@ddlf/lab': expect.any(String) as string,
    'onnxruntime-node': expect.any(String) as string,
  })
})

test('without git there is no commit, and no error', () => {
  const { PATH } = process.env
  process.env['PATH'] = '/nowhere'
  try {
    expect(gitState('.')).toBeNull()
  } finally {
    process.env['PATH'] = PATH
  }
})
