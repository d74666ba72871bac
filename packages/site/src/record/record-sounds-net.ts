// Packs a trained net that spells sounds for the page, and keeps what it makes of one word that it was not trained on.
// npm run ddlf -- train sounds-of-words --set dictionary=cmudict
// npm run sounds-net --workspace packages/site -- runs/sounds-of-words/<id>
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { experiments } from '@ddlf/course'
import { decodeWeights, findExperiment, givenSettings, vocabularyArtifact, type DataIo } from '@ddlf/lab'
import { loadDataset } from '@ddlf/data/node'
import { packSounds, soundsSpeller, type SoundsNet } from '../explain/sounds-net.ts'

/** Words of the test part that the packed net is judged by. */
const JUDGED = 250
/** A word of the test part. */
const EXAMPLE = 'nightclub'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Name the folder of a run of sounds-of-words.')
const read = (...names: readonly string[]) => readFileSync(join(folder, ...names))
const { config } = JSON.parse(read('run.json').toString()) as { readonly config: Readonly<Record<string, unknown>> }
const experiment = findExperiment(experiments, 'sounds-of-words')
const symbols = JSON.parse(read('artifacts', vocabularyArtifact).toString()) as string[]
const tensors = decodeWeights(read('checkpoints', 'last.safetensors'))
const sizes = { width: Number(config['width']), layers: Number(config['layers']), symbols }
const file = packSounds(sizes, name => {
  const found = tensors[name]?.data
  if (!found) throw new Error(`The run has no tensor ${name}.`)
  return Float32Array.from(found)
})
const spell = soundsSpeller(sizes, file.buffer as ArrayBuffer)
const io: DataIo = {
  shared: false,
  dataset: (id, split) => loadDataset(id, { split }),
  texts: () => {
    throw new Error('No file is read.')
  },
  artifact: (_, make) => make(),
}
const settings = config as Parameters<NonNullable<typeof experiment.data.load>>[1]
const test = await experiment.data.load?.('test', settings, io)
const words = (test?.text?.['source'] ?? []).slice(0, JUDGED)
let wrong = 0
for (const [i, word] of words.entries()) {
  const right = (test?.text?.['target']?.[i] ?? '').split('\n')
  if (!right.includes((await spell(word)).sounds.join(' '))) wrong++
}
const recorded: SoundsNet = {
  experiment: experiment.name,
  settings: givenSettings(experiment, config),
  error: wrong / words.length,
  judged: words.length,
  ...sizes,
  example: await spell(EXAMPLE),
}
const beside = (name: string) => new URL(`../explain/${name}`, import.meta.url)
writeFileSync(beside('sounds-net.json'), `${JSON.stringify(recorded)}\n`)
writeFileSync(beside('sounds-net.bin'), file)
console.log(file.length, recorded.error, recorded.example)
