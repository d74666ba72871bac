// The words of ddlf predict: its arguments, options and help.
import { Command, Option } from 'commander'
import { checkpointOption, forceOption, given, jsonOption, numberOf, runsOption, wholeNumber } from './options.ts'
import type { PredictOptions } from '../actions/predict.ts'

const EXAMPLES = `
Examples:
  $ ddlf predict mlp-on-mnist/20270131-120000-k3f9 three.png --invert
  $ ddlf predict image-folder/20270131-12 photo.jpg
  $ ddlf predict latest one.jpg two.png                          several, as a table
  $ ddlf predict latest ./pictures --csv > predictions.csv       all pictures of a folder
  $ ddlf predict text-table/20270131-12 "the plot was lovely"
  $ ddlf predict text-table/20270131-12 "not bad at all" --words         what each word does to the answer
  $ ddlf predict tabular/20270131-12 more.csv --csv > predictions.csv    every row of a table
  $ ddlf predict text-table/20270131-12 more.csv --column review
  $ ddlf predict text-pairs/20270131-12 "zwei Katzen" --beams 4          a text that a model of pairs turns into another
  $ ddlf predict text-pairs/20270131-12 sentences.txt --csv > translated.csv   every line of a file
  $ ddlf predict denoising-on-fashion-mnist/20270131-12 noisy.png --out restored.png

A picture is turned to grey levels where the model reads grey, and resized to the model's size. MNIST shows light
strokes on black: give --invert for dark ink on light paper.
`

export function predictCommand(): Command {
  return new Command('predict')
    .description('ask a trained model about pictures, texts or a table')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .argument(
      '<input...>',
      'pictures (PNG, JPEG, WebP, GIF or BMP) or a folder of them, texts in quotes or in the lines of a .txt file, ' +
        'or a table (CSV, TSV or JSON Lines)',
    )
    .option('--column <name>', 'a table of texts: column of the text (default: as in training)', given('--column'))
    .addOption(
      new Option(
        '--header <whether>',
        'whether the first row of a table names its columns (default: as stated in training)',
      ).choices(['true', 'false', 'auto']),
    )
    .option(
      '--delimiter <character>',
      'character between the fields of a table (default: as stated in training)',
      given('--delimiter'),
    )
    .option(
      '--beams <number>',
      'texts from texts: continuations that are followed (default: as in training; 1 takes the likeliest each time)',
      wholeNumber('--beams', 1, 100),
    )
    .option(
      '--length-penalty <number>',
      'texts from texts: with several beams, above 0 likes long ones, below 0 short ones (default: as in training)',
      numberOf('--length-penalty', { is: 'a number from -5 to 5', example: 1 }, value => Math.abs(value) <= 5),
    )
    .option('--words', 'one text: also what each word does, by asking again without it')
    .option('--invert', 'turn dark to light (ink on paper for a model of light strokes on black)')
    .option('--top <number>', 'show at most this many classes', wholeNumber('--top', 1), 10)
    .addOption(
      new Option('--csv', 'print CSV: input, prediction, probability, and the probability of each class').conflicts(
        'json',
      ),
    )
    .option(
      '--out <file>',
      'where a model answers with pictures: their PNG, beside what it read (default: predicted.png of the run)',
      given('--out'),
    )
    .addOption(forceOption())
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, inputs: readonly string[], options: PredictOptions) =>
      (await import('../actions/predict.ts')).predictAction(reference, inputs, options),
    )
}
