// The benchmarks give PyTorch its best: a cleared environment, its own product speed printed, no comparison with a
// crippled one.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { environmentOf } from '../bench/peers/pytorch.ts'

afterEach(() => vi.unstubAllEnvs())

describe('the environment of PyTorch', () => {
  it('is rid of kernels chosen by hand and of other waiting', () => {
    for (const [name, value] of [
      ['OPENBLAS_CORETYPE', 'Haswell'],
      ['OPENBLAS_L2_SIZE', '262144'],
      ['OMP_WAIT_POLICY', 'active'],
    ] as const) {
      vi.stubEnv(name, value)
    }
    vi.stubEnv('DDLF_KEPT', 'yes')
    expect(environmentOf('default')).toMatchObject({ DDLF_KEPT: 'yes' })
    for (const name of ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'OMP_WAIT_POLICY'])
      expect(environmentOf('default')).not.toHaveProperty(name)
  })

  it('sleeps at once when waiting is passive', () => {
    expect(environmentOf('passive')).toMatchObject({ OMP_WAIT_POLICY: 'passive', GOMP_SPINCOUNT: '0' })
  })
})

describe.skipIf(process.platform === 'win32')('the product speed', () => {
  /** `times` a `python` that has "PyTorch" and multiplies at the given speed. */
  function printed(gigaflops: number, times = 1): { status: number | null; output: string } {
    const folder = mkdtempSync(join(tmpdir(), 'ddlf-peer-'))
    const python = join(folder, 'python')
    const product = `{"description": "0.1, generic BLAS", "gigaflops": ${gigaflops}}`
    // Asked with `-c` which PyTorch it has, it says a release without `torch.compile`.
    const lines = ['#!/bin/sh', `if [ "$1" = -c ]; then echo '["0.1", false]'; else echo '${product}'; fi`, '']
    writeFileSync(python, lines.join('\n'))
    chmodSync(python, 0o755)
    const script =
      "import { findPythons, printProductSpeeds } from './bench/peers/pytorch.ts'; printProductSpeeds(findPythons())"
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      {
        encoding: 'utf8',
        cwd: join(import.meta.dirname, '..'),
        env: { ...process.env, DDLF_BENCH_PYTHON: Array.from({ length: times }, () => python).join(delimiter) },
      },
    )
    rmSync(folder, { recursive: true })
    return { status, output: stdout + stderr }
  }

  it('is printed for both sides', () => {
    const { status, output } = printed(1e6)
    expect(output).toMatch(/30ddlf \(ONNX Runtime.*\) \d+ GFLOP\/s; PyTorch \(0\.1, generic BLAS\) 1000000 GFLOP\/s/)
    expect(status).toBe(0)
  })

  it('is printed for every PyTorch that is named', () => {
    const { status, output } = printed(1e6, 2)
    expect(output.match(/PyTorch \(0\.1, generic BLAS\) 1000000 GFLOP\/s/g)).toHaveLength(2)
    expect(status).toBe(0)
  })

  it('ends the comparison where it is below a tenth of ours', () => {
    const { status, output } = printed(0.01)
    expect(output).toContain('less than a tenth of ours')
    expect(status).toBe(1)
  })
})
