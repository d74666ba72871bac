// Does a change cost a training step time or memory? This checkout against another one, in alternation.
// Run: OTHER=../before npm run bench other-checkout     (a checkout with its dependencies installed;
//      ROUNDS=15 NETWORKS=mlp,lenet5,alexnet,vgg16,resnet20)
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { alternate, machine, median, table, type Peer } from './alternate.ts'

const rounds = Number(process.env['ROUNDS'] ?? 15)
const other = process.env['OTHER'] ?? ''
if (!existsSync(path.join(other, 'bench', 'peers', 'ddlf-cnn.ts'))) {
  console.error(`OTHER must name another checkout of this project, with its dependencies installed.\n  Received: ${
    other || 'nothing'}\n  Next: git worktree add --detach ../before <commit> && npm ci --prefix ../before`)
  process.exit(1)
}

/** Steps in one burst: about half a second. */
const bursts: Readonly<Record<string, number>> = { mlp: 80, lenet5: 60, alexnet: 3, vgg16: 1, resnet20: 3 }
const checkouts = [
  { name: 'this checkout', folder: fileURLToPath(new URL('..', import.meta.url)) },
  { name: 'the other', folder: path.resolve(other) },
]

const command = (folder: string, network: string): readonly [string, ...string[]] => [
  process.execPath, '--import', path.join(folder, 'node_modules/tsx/dist/esm/index.mjs'),
  ...network === 'mlp'
    ? [path.join(folder, 'bench/peers/ddlf-mlp.ts'), '[784,512,512,10]', '128', 'sgd', '20']
    : [path.join(folder, 'bench/peers/ddlf-cnn.ts'), network, '128', 'training', 'blocked'],
]

/** Most resident memory of three processes that take four steps each, in MB. */
function peak(folder: string, network: string): number {
  const peaks = Array.from({ length: 3 }, () => {
    const [program, ...args] = command(folder, network)
    const { status, stdout, stderr } = spawnSync(program, args, { input: '{"steps":4}\n', encoding: 'utf8' })
    const { peakMegabytes = NaN } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { peakMegabytes?: number }
    if (status !== 0) throw new Error(`${program} ended with ${String(status)}: ${stderr}`)
    return peakMegabytes
  })
  return median(peaks)
}

console.log(`${machine()}; batch 128, ${rounds} rounds`)
for (const network of (process.env['NETWORKS'] ?? Object.keys(bursts).join(',')).split(',')) {
  const peers = checkouts.map(({ name, folder }): Peer => ({
    name,
    command: command(folder, network),
    steps: bursts[network] ?? 1,
  }))
  console.log(`\n${network}, training\n\n${table(await alternate(peers, rounds), 2)}`)
  if (network === 'mlp') continue
  const [ours = NaN, theirs = NaN] = checkouts.map(({ folder }) => peak(folder, network))
  console.log(`\npeak memory ${ours.toFixed(0)} against ${theirs.toFixed(0)} MB: ${(ours / theirs).toFixed(3)}`)
}
