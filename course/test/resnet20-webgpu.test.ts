// The training step of ResNet-20 on WebGPU gives the losses of the CPU, where an adapter exists.
import { expect, it } from 'vitest'
import { resultOnWebGpu } from '../../test/on-webgpu.ts'

it('trains ResNet-20 on WebGPU as on the CPU', { timeout: 300_000 }, context => {
  const program = new URL('resnet20-steps.ts', import.meta.url)
  const { cpu, webgpu } = resultOnWebGpu(program, reason => context.skip(reason)) as { cpu: number[]; webgpu: number[] }
  cpu.forEach((loss, step) => {
    const away = Math.abs((webgpu[step] ?? NaN) / loss - 1)
    expect(away, `step ${step}: ${webgpu[step]} instead of ${loss}`).toBeLessThan(1e-3)
  })
})
