// The training step of ResNet-20 on WebGPU gives the losses of the CPU, where an adapter exists: a graphics card's, or
// Chromium's software driver for Vulkan.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const CHROMIUM = '/usr/lib/chromium'
const SOFTWARE_DRIVER = join(CHROMIUM, 'vk_swiftshader_icd.json')

it('trains ResNet-20 on WebGPU as on the CPU', { timeout: 300_000 }, context => {
  const run = spawnSync(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('resnet20-steps.ts', import.meta.url))], {
    encoding: 'utf8',
    timeout: 280_000,
    env: {
      ...process.env,
      XDG_RUNTIME_DIR: process.env['XDG_RUNTIME_DIR'] ?? mkdtempSync(join(tmpdir(), 'webgpu-')),
      // Chromium brings the Vulkan loader along with the driver.
      ...(existsSync(SOFTWARE_DRIVER) && { VK_ICD_FILENAMES: SOFTWARE_DRIVER, LD_LIBRARY_PATH: `${CHROMIUM}:${process.env['LD_LIBRARY_PATH'] ?? ''}` }),
    },
  })
  const last = run.stdout.trim().split('\n').at(-1) ?? ''
  const missing = /Failed to get a WebGPU adapter|Couldn't load Vulkan/.exec(run.stderr)
  if (missing) context.skip(`no WebGPU adapter: ${missing[0]}`)
  expect(last, run.stderr.slice(0, 2000) || `exit code ${run.status}`).toMatch(/^\{/)
  const { cpu, webgpu } = JSON.parse(last) as { cpu: number[]; webgpu: number[] }
  cpu.forEach((loss, step) => expect(Math.abs((webgpu[step] ?? NaN) / loss - 1), `step ${step}: ${webgpu[step]} instead of ${loss}`).toBeLessThan(1e-3))
})
