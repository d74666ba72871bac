// ddlf export <run>: the model as a standard .onnx or .safetensors file.
import path from 'node:path'
import { shellQuote } from '@ddlf/lab/command-text'
import {
  checkExport, checkTextGenerator, exportOnnx, exportSafetensors, exportTextGenerator, inputsOf, KeepsTooLittle,
  type ExportedModel,
} from '@ddlf/lab'
import {
  isDevice,
  openOutput,
  openTrainedRun,
  placesOf,
  runPaths,
  runsWords,
  runTokenizer,
  textsOfExport,
  writeRunFile,
  type RunFolder,
  type RunWithTokenizer,
  type TextsOfExport,
} from '@ddlf/lab/node'
import { stateDict } from '@ddlf/nn'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { pc } from '../terminal/colour.ts'
import { suggest } from '../terminal/command-line.ts'
import { formatCount } from '../terminal/format.ts'
import { experiments } from '../experiments.ts'

/** The options of the command. */
export interface ExportOptions {
  readonly runs: string
  readonly checkpoint: string
  readonly format: 'onnx' | 'safetensors'
  readonly out?: string
  readonly force?: boolean
  readonly batch?: number
  readonly json?: boolean
}

/** A folder of files whose places have been looked at, to be written. */
interface PreparedGenerator {
  readonly folder: string
  readonly files: readonly string[]
  readonly write: () => void
}

/**
 * Makes what makes texts elsewhere, for a folder beside the model.
 * @returns undefined where the model reads the whole text for each token: the program has no place for that
 * @throws UserError where it may not be written
 */
async function prepareGenerator(
  exported: ExportedModel & RunWithTokenizer,
  run: RunFolder,
  { out, ...options }: { readonly out: string | undefined; readonly force: boolean; readonly reads: readonly string[] },
): Promise<PreparedGenerator | undefined> {
  const generator = exportTextGenerator(exported, await runTokenizer(exported))
  try {
    await checkTextGenerator(exported, generator, { runtime: onnxNodeRuntime(), run: runOnnxModel })
  } catch (error) {
    if (error instanceof KeepsTooLittle) return undefined
    throw error
  }
  const beside = `${(out ?? 'model').replace(/\.onnx$/, '')}-generator`
  const writes = Object.entries(generator.files).map(([file, content]) => {
    if (out === undefined) return () => { writeRunFile(run, `artifacts/${beside}/${file}`, content) }
    const write = openOutput(path.join(beside, file), { ...options, makesFolder: true })
    return () => { write(content) }
  })
  const folder = out === undefined ? path.join(runPaths(run).artifacts, beside) : beside
  return { folder, files: Object.keys(generator.files), write: () => { for (const write of writes) write() } }
}

/** Files that a model of texts is read with, whose places have been looked at. */
interface PreparedVocabulary {
  readonly files: readonly string[]
  readonly write: () => void
}

/** The files that number a model's words, beside it; in the run, where they lie already. */
function prepareVocabulary(
  { files }: TextsOfExport, run: RunFolder,
  { out, ...options }: { readonly out: string | undefined; readonly force: boolean; readonly reads: readonly string[] },
): PreparedVocabulary {
  const names = Object.keys(files)
  const { artifacts } = runPaths(run)
  if (out === undefined) return { files: names.map(name => path.join(artifacts, name)), write: () => undefined }
  if (isDevice(out)) return { files: [], write: () => undefined }
  const stem = out.slice(0, out.length - path.extname(out).length)
  const writes = Object.entries(files).map(([name, content]) => {
    const write = openOutput(`${stem}.${name}`, options)
    return () => { write(content) }
  })
  return { files: names.map(name => `${stem}.${name}`), write: () => { for (const write of writes) write() } }
}

/** Where the words of a model stand, in a sentence; nothing where it has none. */
const vocabularyInWords = ({ files }: PreparedVocabulary, reads: string | undefined): string[] => [
  ...(files.length > 0 ? [`${files.join(', ')}: what its numbers stand for.`] : []),
  ...(reads === undefined ? [] : ['How a text becomes its numbers stands in its metadata, ddlf.preprocessing.']),
]

/** Writes and shows a state dict. */
function writeSafetensors(
  exported: ExportedModel,
  { file, write, vocabulary, json }: {
    readonly file: string
    readonly write: (bytes: Uint8Array) => void
    readonly vocabulary: PreparedVocabulary
    readonly json: boolean
  },
): void {
  const bytes = exportSafetensors(exported)
  write(bytes)
  vocabulary.write()
  const tensors = Object.keys(stateDict(exported.model)).length
  if (json) {
    const facts = { file, format: 'safetensors', bytes: bytes.length, tensors, vocabulary: vocabulary.files }
    console.log(JSON.stringify(facts))
    return
  }
  console.log(`${file}: ${tensors} tensors, ${formatCount(bytes.length)} bytes, names and layouts as PyTorch's.`)
  for (const line of vocabularyInWords(vocabulary, exported.reads)) console.log(pc.dim(line))
}

/** Does what `ddlf export` is asked for. */
export async function exportAction(
  reference: string,
  { runs, checkpoint, format, out, force = false, batch, json = false }: ExportOptions,
): Promise<void> {
  const trained = openTrainedRun(experiments, runs, reference, checkpoint)
  const name = `model.${format}`
  const file = out ?? path.join(runPaths(trained.run).artifacts, name)
  const reads = Object.values(placesOf(trained.experiment, trained.settings))
  const named = out === undefined ? undefined : openOutput(out, { force, example: name, reads })
  const write = named ?? ((bytes: Uint8Array) => {
    writeRunFile(trained.run, `artifacts/${name}`, bytes)
  })
  const facts = {
    'ddlf.run': trained.name,
    'ddlf.checkpoint': checkpoint,
    'ddlf.step': String(trained.checkpoint.loop.globalStep),
    ...(trained.record.git && { 'ddlf.commit': trained.record.git.commit }),
  }
  const texts = await textsOfExport(trained)
  const exported = { ...trained, facts, reads: texts.reads }
  if (format === 'safetensors') {
    const vocabulary = prepareVocabulary(texts, trained.run, { out, force, reads })
    writeSafetensors(exported, { file, write, vocabulary, json })
    return
  }
  const fixed = batch === undefined ? {} : { batch }
  const onnx = exportOnnx(exported, fixed)
  const difference = await checkExport(exported, onnx, { ...fixed, runtime: onnxNodeRuntime(), run: runOnnxModel })
  // All places are looked at before anything is written; a pipe has no place beside it.
  const makesTexts = trained.experiment.task.views?.text && !(out !== undefined && isDevice(out))
  const generator = makesTexts ? await prepareGenerator(exported, trained.run, { out, force, reads }) : undefined
  // The program that makes texts has them beside it.
  const words = generator ? { ...texts, files: {} } : texts
  const vocabulary = prepareVocabulary(words, trained.run, { out, force, reads })
  write(onnx.bytes)
  vocabulary.write()
  generator?.write()
  const inputs = inputsOf(trained.experiment, trained.settings)
  const size = batch ?? 'batch'
  const read = inputs.map(({ name, dtype, shape }) => `input ${name}: ${dtype} [${[size, ...shape].join(', ')}]`)
  if (json) {
    console.log(
      JSON.stringify({
        file,
        format,
        bytes: onnx.bytes.length,
        inputs: onnx.inputNames,
        outputs: onnx.outputNames,
        batch: batch ?? null,
        largestDifference: difference,
        vocabulary: vocabulary.files,
        ...(makesTexts && {
          generator: generator ? { folder: generator.folder, files: generator.files } : null,
        }),
      }),
    )
    return
  }
  console.log(`${file}: ${formatCount(onnx.bytes.length)} bytes. Open it in Netron, or in any ONNX runtime.`)
  console.log(
    pc.dim(
      `${read.join('; ')}; ` +
        `output ${onnx.outputNames.join(', ')}`,
    ),
  )
  if (trained.experiment.data.own === 'tabular')
    console.log(pc.dim('How a row becomes these numbers stands in its metadata: ddlf.columns, ddlf.features.'))
  for (const line of vocabularyInWords(vocabulary, texts.reads)) console.log(pc.dim(line))
  console.log(
    pc.dim(`Loaded plainly by ONNX Runtime it differs from this engine by at most ${difference.toExponential(1)}.`),
  )
  if (makesTexts && !generator)
    console.log(
      'No program that makes texts elsewhere is written: this model reads the text anew for each token. ' +
      `Its texts: ${suggest('sample', trained.name, ...runsWords(runs))}`,
    )
  if (!generator) return
  console.log(`\n${generator.folder}: ${generator.files.join(', ')}. It makes texts without this project:`)
  console.log(`  cd ${shellQuote(generator.folder)} && npm install onnxruntime-node && node generate.mjs --tokens 200`)
}
