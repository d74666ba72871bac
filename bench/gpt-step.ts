// How long does one training step of a model of language take, against PyTorch on the CPU?
// Run: npm run bench gpt-step; DDLF_BENCH_CASES=lstm,gru chooses among gpt-small, gpt-medium, gpt-50k, lstm, gru,
// kim-cnn.
import { fileURLToPath } from 'node:url'
import { alternate, machine, ratio, table, type Peer } from './alternate.ts'
import { findPythons, printProductSpeeds, productsAlone, torchAtItsBest } from './peers/pytorch.ts'
import { languageStep, type LanguageCase } from './peers/language-models.ts'
import { flopOf } from '@ddlf/tensor'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const rounds = Number(process.env['ROUNDS'] ?? 11)
const pythons = findPythons()

/** `target`: the share of PyTorch's time that is aimed at. */
const CASES: Readonly<
  Record<string, { readonly given: LanguageCase; readonly steps: number; readonly target: number }>
> = {
  'gpt-small': {
    given: { kind: 'gpt', words: 65, time: 64, batch: 12, layers: 4, heads: 4, size: 128 },
    steps: 20,
    target: 0.65,
  },
  'gpt-medium': {
    given: { kind: 'gpt', words: 65, time: 256, batch: 4, layers: 6, heads: 6, size: 384 },
    steps: 4,
    target: 0.85,
  },
  'gpt-50k': {
    given: { kind: 'gpt', words: 50_257, time: 64, batch: 12, layers: 4, heads: 4, size: 128 },
    steps: 4,
    target: 0.5,
  },
  'lstm': { given: { kind: 'lstm', words: 65, size: 256, time: 64, batch: 32 }, steps: 20, target: 0.5 },
  'gru': { given: { kind: 'gru', words: 65, size: 256, time: 64, batch: 32 }, steps: 20, target: 0.5 },
  'kim-cnn': {
    given: { kind: 'cnn', words: 18_765, size: 300, time: 56, batch: 50, channels: 100 },
    steps: 10,
    target: 0.8,
  },
}

const chosen = (process.env['DDLF_BENCH_CASES'] ?? Object.keys(CASES).join()).split(',')
const unknown = chosen.find(name => !Object.hasOwn(CASES, name))
if (unknown !== undefined)
  throw new Error(`There is no case '${unknown}'.\n  Next: choose among ${Object.keys(CASES).join(', ')}`)

console.log(`${machine()}; ${rounds} rounds`)
const [product] = printProductSpeeds(pythons)
for (const name of chosen) {
  const { given, steps, target } = CASES[name] as (typeof CASES)[string]
  console.log(`\n${name}: ${JSON.stringify(given)}`)
  const perRun = Math.min(10, steps)
  const ours: Peer = {
    name: `30ddlf, ${perRun} steps a run`,
    command: [
      process.execPath,
      '--import',
      'tsx',
      here('./peers/ddlf-language.ts'),
      JSON.stringify(given),
      String(perRun),
    ],
    steps,
  }
  const torch = await torchAtItsBest(pythons, './torch_language.py', [JSON.stringify(given)], steps)
  const timings = await alternate([ours, ...torch], rounds)
  console.log(table(timings, 2))
  const [own, ...peers] = timings
  if (!own) continue
  for (const peer of peers) {
    const least = Math.min(...own.milliseconds) / Math.min(...peer.milliseconds)
    console.log(
      `${peer.name}: ${ratio(own, peer).toFixed(2)} of its time, ${least.toFixed(2)} of the minima; aimed at ${target}`,
    )
  }
  if (product) console.log(productsAlone(flopOf(languageStep(given).graph), product))
}
