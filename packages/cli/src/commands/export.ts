// ddlf export <run>: the model as a standard .onnx or .safetensors file.
import path from 'node:path'
import { experiments } from '@ddlf/course'
import { checkExport, exportOnnx, exportSafetensors, inputOf } from '@ddlf/lab'
import { openTrainedRun, runPaths, writeFileAtomic, writeRunFile } from '@ddlf/lab/node'
import { stateDict } from '@ddlf/nn'
import { onnxNodeRuntime, runOnnxModel } from '@ddlf/tensor/node'
import { Command, Option } from 'commander'
import { pc } from '../terminal/colour.ts'
import { formatCount } from '../terminal/format.ts'
import { checkpointOption, jsonOption, outOption, runsOption, wholeNumber } from './options.ts'

const EXAMPLES = `
Examples:
  $ ddlf export mlp-on-mnist/20270131-120000-k3f9                              model.onnx, any batch size
  $ ddlf export 20270131-12 --checkpoint best --format safetensors --out mlp.safetensors
  $ ddlf export 20270131-12 --batch 1

The ONNX model takes what the data set holds (uint8 pixels are scaled inside) and gives logits. Its metadata name the
classes and the preprocessing. In Python:
  onnxruntime.InferenceSession('model.onnx').run(['logits'], {'images': pixels})
`

interface Options {
  readonly runs: string
  readonly checkpoint: string
  readonly format: 'onnx' | 'safetensors'
  readonly out?: string
  readonly batch?: number
  readonly json?: boolean
}

export function exportCommand(): Command {
  return new Command('export')
    .description("write a run's model as ONNX (any batch size) or as a safetensors state dict")
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .addOption(new Option('--format <format>', 'file format').choices(['onnx', 'safetensors']).default('onnx'))
    .addOption(outOption('where to write it (default: model.<format> in the artifacts of the run)'))
    .option('--batch <number>', 'fix the batch size (onnx; default: any)', wholeNumber('--batch', 1, 65_536))
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, { runs, checkpoint, format, out, batch, json = false }: Options) => {
      const trained = openTrainedRun(experiments, runs, reference, checkpoint)
      const name = `model.${format}`
      const file = out ?? path.join(runPaths(trained.run).artifacts, name)
      const write = (bytes: Uint8Array) => {
        if (out === undefined) writeRunFile(trained.run, `artifacts/${name}`, bytes)
        else writeFileAtomic(out, bytes)
      }
      const facts = { 'ddlf.run': trained.name, 'ddlf.checkpoint': checkpoint, 'ddlf.step': String(trained.checkpoint.loop.globalStep), ...(trained.record.git && { 'ddlf.commit': trained.record.git.commit }) }
      const exported = { ...trained, facts }
      if (format === 'safetensors') {
        const bytes = exportSafetensors(exported)
        write(bytes)
        const tensors = Object.keys(stateDict(trained.model)).length
        if (json) console.log(JSON.stringify({ file, format, bytes: bytes.length, tensors }))
        else console.log(`${file}: ${tensors} tensors, ${formatCount(bytes.length)} bytes, names and layouts as PyTorch's.`)
        return
      }
      const fixed = batch === undefined ? {} : { batch }
      const onnx = exportOnnx(exported, fixed)
      const difference = await checkExport(exported, onnx, { ...fixed, runtime: onnxNodeRuntime(), run: runOnnxModel })
      write(onnx.bytes)
      const { dtype, shape } = inputOf(trained.experiment, trained.settings)
      const size = batch ?? 'batch'
      if (json) {
        console.log(JSON.stringify({ file, format, bytes: onnx.bytes.length, inputs: onnx.inputNames, outputs: onnx.outputNames, batch: batch ?? null, largestDifference: difference }))
        return
      }
      console.log(`${file}: ${formatCount(onnx.bytes.length)} bytes. Open it in Netron, or in any ONNX runtime.`)
      console.log(pc.dim(`input ${onnx.inputNames.join(', ')}: ${dtype} [${[size, ...shape].join(', ')}]; output ${onnx.outputNames.join(', ')}`))
      console.log(pc.dim(`Loaded plainly by ONNX Runtime it differs from this engine by at most ${difference.toExponential(1)}.`))
    })
}
