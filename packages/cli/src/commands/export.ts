// The words of ddlf export: its arguments, options and help.
import { Command, Option } from 'commander'
import { checkpointOption, forceOption, jsonOption, outOption, runsOption, wholeNumber } from './options.ts'
import type { ExportOptions } from '../actions/export.ts'

const EXAMPLES = `
Examples:
  $ ddlf export mlp-on-mnist/20270131-120000-k3f9                              model.onnx, any batch size
  $ ddlf export 20270131-12 --checkpoint best --format safetensors --out mlp.safetensors
  $ ddlf export 20270131-12 --batch 1

The ONNX model takes what the data set holds (uint8 pixels are scaled inside) and gives logits. Its metadata name the
classes and the preprocessing. In Python:
  onnxruntime.InferenceSession('model.onnx').run(['logits'], {'images': pixels})
With a language model a folder model-generator is written beside it, with a program that makes texts elsewhere:
  cd model-generator && npm install onnxruntime-node && node generate.mjs --prompt "Once" --tokens 200
`

export function exportCommand(): Command {
  return new Command('export')
    .description("write a run's model as ONNX (any batch size) or as a safetensors state dict")
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .addOption(new Option('--format <format>', 'file format').choices(['onnx', 'safetensors']).default('onnx'))
    .addOption(outOption('where to write it (default: model.<format> in the artifacts of the run)'))
    .addOption(forceOption())
    .option('--batch <number>', 'fix the batch size (onnx; default: any)', wholeNumber('--batch', 1, 65_536))
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: ExportOptions) =>
      (await import('../actions/export.ts')).exportAction(reference, options),
    )
}
