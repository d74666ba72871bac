// PyTorch as a peer at its best: which interpreter, which environment, which of its own variants is the fastest here.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternate, type Peer } from '../alternate.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/**
 * Where `npm run bench install-peers` puts PyTorch: a virtual environment beside the data cache, outside the project.
 */
export const environmentFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'ddlf-peers', 'pytorch')

/** A Python that has PyTorch. */
export interface Python {
  readonly command: string
  /** Of its PyTorch. */
  readonly version: string
  /** Whether it has `torch.compile`, which came with 2.0. */
  readonly compiles: boolean
}

const ASKED = 'import torch, json; print(json.dumps([torch.__version__, hasattr(torch, "compile")]))'

function pythonOf(command: string): Python | undefined {
  const { status, stdout } = spawnSync(command, ['-c', ASKED], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const [version, compiles] = JSON.parse(stdout) as [string, boolean]
  return { command, version, compiles }
}

/**
 * Every Python of `DDLF_BENCH_PYTHON` (several are divided as in `PATH`: a release of today beside an older one);
 * without it the first that has PyTorch of the environment of `install-peers` and the system's.
 */
export function findPythons(): readonly Python[] {
  const own = process.env['DDLF_BENCH_PYTHON']
  if (own) {
    return own.split(delimiter).map(command => {
      const python = pythonOf(command)
      if (python) return python
      throw new Error(`DDLF_BENCH_PYTHON names ${command}, which has no PyTorch.\n  Next: npm run bench install-peers`)
    })
  }
  for (const command of [join(environmentFolder(), 'bin', 'python'), 'python3', '/usr/bin/python3']) {
    const python = pythonOf(command)
    if (python) return [python]
  }
  console.log("PyTorch is absent; today's release comes with: npm run bench install-peers")
  return []
}

const CLEARED: readonly string[] = [
  'OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE', 'OMP_WAIT_POLICY', 'GOMP_SPINCOUNT', 'OMP_NUM_THREADS', 'MKL_NUM_THREADS',
  'OPENBLAS_NUM_THREADS',
]

/** How a thread of OpenMP waits for work: the default spins, `passive` sleeps at once. */
export type Waiting = 'default' | 'passive'

/**
 * The environment PyTorch is run in. `OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` choose kernels by hand, which are half
 * as fast as those an OpenBLAS of today chooses by itself: they are cleared, and so is what would set threads and
 * waiting.
 */
export function environmentOf(waiting: Waiting): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !CLEARED.includes(name))
  return {
    ...Object.fromEntries(kept),
    ...(waiting === 'passive' ? { OMP_WAIT_POLICY: 'passive', GOMP_SPINCOUNT: '0' } : {}),
  }
}

/** A matrix product of 1024 x 1024 x 1024 in float32 on two threads: what bounds every dense step. */
export interface ProductSpeed {
  readonly name: string
  readonly gigaflops: number
}

/** What a step would take if its products and convolutions ran as fast as a matrix product and all else were free. */
export function productsAlone(flop: number, { gigaflops }: ProductSpeed): string {
  const told = (flop / 1e9).toFixed(2)
  return `products alone (${told} GFLOP) at the speed of a matrix product: ${(flop / gigaflops / 1e6).toFixed(2)} ms`
}

const LEAST_SHARE = 0.1

function productOf(name: string, [program, ...args]: readonly [string, ...string[]]): ProductSpeed {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: environmentOf('default') })
  if (status !== 0) throw new Error(`The matrix product of ${name} could not be measured.\n${stderr}`)
  const { description, gigaflops } = JSON.parse(stdout) as { description: string; gigaflops: number }
  return { name: `${name} (${description})`, gigaflops }
}

/**
 * Measures the matrix products of both sides and prints them.
 * @returns ours, then those of every PyTorch
 * @throws Error where a PyTorch's is below a tenth of ours: such a one has no BLAS to speak of and is no peer
 */
export function printProductSpeeds(pythons: readonly Python[]): ProductSpeed[] {
  const ours = productOf('30ddlf', [process.execPath, '--import', 'tsx', here('./ddlf-product.ts')])
  const theirs = pythons.map(({ command }) => productOf('PyTorch', [command, here('./torch_product.py')]))
  const told = [ours, ...theirs].map(({ name, gigaflops }) => `${name} ${gigaflops.toFixed(0)} GFLOP/s`)
  console.log(`matrix product of 1024 x 1024 x 1024, best of 0.6 s: ${told.join('; ')}`)
  const slow = theirs.find(({ gigaflops }) => gigaflops < LEAST_SHARE * ours.gigaflops)
  if (slow) {
    throw new Error(
      `${slow.name} multiplies matrices at ${slow.gigaflops.toFixed(1)} GFLOP/s, less than a tenth of ours.\n` +
        '  Next: install a BLAS for it (Debian: apt-get install libopenblas0-pthread), or npm run bench install-peers',
    )
  }
  return [ours, ...theirs]
}

/** What a script of PyTorch's side takes: eager as written, or through `torch.compile`. */
export type Mode = 'eager' | 'compiled'

interface Variant {
  readonly mode: Mode
  readonly waiting: Waiting
  readonly layout: string
}

const WAITING: readonly Waiting[] = ['default', 'passive']
const PROBING_ROUNDS = 3

/**
 * PyTorch at its best for one question: every way of waiting and every layout is tried for three rounds, and the one
 * with the least minimum is the peer, eager and compiled apart, of each release.
 * @param pythons from {@link findPythons}
 * @param script the file in bench/peers/, which takes `args`, then the layout, then the mode
 * @param layouts memory layouts that the script knows
 * @param modes which of eager and compiled; `torch.compile` needs a C++ compiler, and releases since 2.0
 */
export async function torchAtItsBest(
  pythons: readonly Python[], script: string, args: readonly string[], steps: number,
  { layouts = ['contiguous'], modes = ['eager', 'compiled'] }:
  { readonly layouts?: readonly string[]; readonly modes?: readonly Mode[] } = {},
): Promise<Peer[]> {
  const best: Peer[] = []
  for (const { command, version, compiles } of existsSync(here(script)) ? pythons : []) {
    for (const mode of modes.filter(one => compiles || one === 'eager')) {
      const variants = WAITING.flatMap(waiting => layouts.map((layout): Variant => ({ mode, waiting, layout })))
      const peers = variants.map(({ waiting, layout }): Peer => ({
        name: `PyTorch ${version}, ${mode}`,
        detail: `${layout}, ${waiting} waiting`,
        command: [command, here(script), ...args, layout, mode],
        environment: environmentOf(waiting),
        steps,
      }))
      const first = await fastestOf(peers)
      if (first) best.push(first)
    }
  }
  return best
}

/** Tries each for a few rounds, one at a time: the spinning threads of one would slow the others. */
async function fastestOf(peers: readonly Peer[]): Promise<Peer | undefined> {
  const timings: { readonly peer: Peer; readonly least: number }[] = []
  for (const peer of peers) {
    const [timing] = await alternate([peer], PROBING_ROUNDS)
    if (timing) timings.push({ peer, least: Math.min(...timing.milliseconds) })
  }
  timings.sort((a, b) => a.least - b.least)
  const tried = timings.map(({ peer, least }) => `${peer.detail ?? ''} ${least.toFixed(2)} ms`).join('; ')
  const [first] = timings
  if (first) console.log(`${first.peer.name}, tried: ${tried}`)
  return first?.peer
}
