// Runs a program of a test on WebGPU, in a process of its own: without an adapter the native runtime may end it. An
// adapter is a graphics card's, or Chromium's software driver for Vulkan.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { compiled } from './compiled.ts'

const CHROMIUM = '/usr/lib/chromium'
const SOFTWARE_DRIVER = join(CHROMIUM, 'vk_swiftshader_icd.json')

/**
 * What the program prints last, a line of JSON; fails the test where it prints none.
 * @param skip is called where this machine has no adapter
 */
export function resultOnWebGpu(program: URL, skip: (reason: string) => never): unknown {
  const run = spawnSync(process.execPath, [fileURLToPath(compiled(program))], {
    encoding: 'utf8',
    timeout: 280_000,
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? mkdtempSync(join(tmpdir(), 'webgpu-')),
      // Chromium brings the Vulkan loader along with the driver.
      ...(existsSync(SOFTWARE_DRIVER) && {
        VK_ICD_FILENAMES: SOFTWARE_DRIVER,
        LD_LIBRARY_PATH: `${CHROMIUM}:${process.env['LD_LIBRARY_PATH'] ?? ''}`,
      }),
    },
  })
  const missing = /Failed to get a WebGPU adapter|Couldn't load Vulkan/.exec(run.stderr)
  if (missing) skip(`no WebGPU adapter: ${missing[0]}`)
  const last = run.stdout.trim().split('\n').at(-1) ?? ''
  expect(last, run.stderr.slice(0, 2000) || `exit code ${run.status}`).toMatch(/^\{/)
  return JSON.parse(last)
}
