// The words of ddlf train: its arguments, options and help.
import { Command } from 'commander'
import { jsonOption, runsOption, setOption, threadsOption, wholeNumber } from './options.ts'
import type { TrainOptions } from '../actions/train.ts'

const EXAMPLES = `
Examples:
  $ ddlf train mlp-on-mnist
  $ ddlf train mlp-on-mnist --set hidden=800 --set optimizer=adam --set learningRate=0.001
  $ ddlf train mlp-on-mnist --set epochs=2 --json | jq 'select(.kind == "evaluation")'
  $ ddlf train ./my-experiment.ts                      then, for its runs: export DDLF_EXPERIMENTS=./my-experiment.ts
  $ ddlf train image-folder --data ./pictures --set size=64 --set fit=pad --skip-damaged
  $ ddlf train text-table --data reviews.csv --set text=review --set label=stars
  $ ddlf train tabular --data houses.csv --set target=price
  $ ddlf train tabular --data train.csv --set testData=test.csv --set target=species --strict
  $ ddlf train gpt-on-text --data book.txt             a text, or a folder of them
  $ ddlf train gpt-on-text --data ./texts --set tokenizer=bpe --set vocabularySize=2048
  $ ddlf train gpt-on-text --data poems.txt --from gpt-on-text/20270131-120000-k3f9 --set steps=500
  $ ddlf train text-pairs --data pairs.tsv             two columns: what is read, and what it becomes
  $ ddlf train text-pairs --data sentences.csv --set source=german --set target=english --set units=subwords
  $ ddlf train mlp-on-mnist --histograms               and look: tensorboard --logdir runs

'ddlf show mlp-on-mnist' lists the settings.
`

export function trainCommand(): Command {
  return new Command('train')
    .description('train an experiment and keep it as a run')
    .argument('<experiment>', 'name, as `ddlf days` lists them, or a file of your own that exports one')
    .addOption(setOption())
    .option(
      '--data <path>',
      'your own data (image-folder: a folder; text-table, tabular, text-pairs: a CSV, TSV or JSON Lines file; ' +
        'gpt-on-text: a text or a folder of texts); the same as --set data=<path>',
    )
    .option('--from <run>', 'begin with the weights (and the tokenizer) of another run')
    .option('--strict', 'own data: refuse them where something would be left out')
    .option('--skip-damaged', 'own pictures: leave out those that cannot be decoded, and say so')
    .option('--histograms', 'log histograms of weights and gradients each epoch, for TensorBoard')
    .addOption(threadsOption())
    .option(
      '--keep <number>',
      'also keep this many of the newest checkpoints beside last and best',
      wholeNumber('--keep'),
      0,
    )
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: TrainOptions) =>
      (await import('../actions/train.ts')).trainAction(name, options),
    )
}
