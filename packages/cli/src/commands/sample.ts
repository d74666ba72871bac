// The words of ddlf sample: its arguments, options and help.
import { TEXT_DEFAULTS } from '@ddlf/lab/text-defaults'
import { UserError } from '@ddlf/tensor/errors'
import { Command } from 'commander'
import {
  checkpointOption, forceOption, collect, given, jsonOption, numberOf, runsOption, wholeNumber,
} from './options.ts'
import type { SampleOptions } from '../actions/sample.ts'

const EXAMPLES = `
Examples:
  $ ddlf sample gpt-on-shakespeare/20270131-120000-k3f9
  $ ddlf sample latest --prompt "ROMEO:" --tokens 500 --temperature 0.8 --top-k 40 --top-p 0.9
  $ ddlf sample 20270131-12 --temperature 0          the likeliest token each time
  $ ddlf sample 20270131-12 --seed 2                 another text; the same seed gives the same one
  $ ddlf sample 20270131-12 --prompt "ROMEO:" --prompt "JULIET:" --stop $'\\n\\n'   two texts, each up to an empty line
  $ ddlf sample dcgan-on-mnist/20270131-12 --out samples.png
  $ ddlf sample dcgan-on-mnist/20270131-12 --judge lenet5-on-mnist/20270130-09

A text longer than the model sees at once goes on from its last part.
`

/** Collects texts to stop at. @throws UserError for an empty one */
function stops(text: string, before: readonly string[]): readonly string[] {
  if (text !== '') return collect(text, before)
  throw new UserError({
    rule: '--stop needs a text to stop before.',
    received: 'an empty text',
    next: 'Write one behind --stop, or leave it out.',
  })
}

/** The options that were written, and not left to their defaults. */
export const givenNames = (command: Command): readonly string[] =>
  Object.keys(command.opts()).filter(option => command.getOptionValueSource(option) !== 'default')

export function sampleCommand(): Command {
  return new Command('sample')
    .description('let a trained model go on with a text, or make pictures')
    .argument('<run>', '<experiment>/<id>, a piece of an id, or latest')
    .option(
      '--prompt <text>',
      'texts: what it goes on from, several texts where repeated (default: a new text)',
      collect,
      [],
    )
    .option(
      '--tokens <number>',
      'texts: how many to add to each text',
      wholeNumber('--tokens', 1, 1_000_000),
      TEXT_DEFAULTS.tokens,
    )
    .option(
      '--temperature <number>',
      'texts: below 1 the likely becomes likelier; 0 takes the likeliest',
      numberOf(
        '--temperature',
        { is: 'a number of at least 0', example: 0.8 },
        value => value >= 0 && value < Infinity,
      ),
      TEXT_DEFAULTS.temperature,
    )
    .option('--top-k <number>', 'texts: draw among so many likeliest tokens (default: all)', wholeNumber('--top-k', 1))
    .option(
      '--top-p <share>',
      'texts: draw among the likeliest tokens that have this share together (default: all)',
      numberOf('--top-p', { is: 'a number above 0 and at most 1', example: 0.9 }, value => value > 0 && value <= 1),
    )
    .option('--stop <text>', 'texts: end one before this (may be repeated)', stops, [])
    .option(
      '--count <number>',
      'pictures: how many (default: 64; 1000 with --judge)',
      wholeNumber('--count', 1, 100_000),
    )
    .option(
      '--out <file>',
      "pictures: a PNG of all of them (default: 64 of them, among the run's files)",
      given('--out'),
    )
    .addOption(forceOption())
    .option('--judge <run>', 'pictures: counts what a classifier takes them for', given('--judge'))
    .option('--seed <number>', 'decides what is drawn', wholeNumber('--seed'), TEXT_DEFAULTS.seed)
    .option('--threads <number>', 'small models are fastest on one', wholeNumber('--threads', 1, 1024), 1)
    .addOption(checkpointOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(async (reference: string, options: Omit<SampleOptions, 'given'>, command: Command) =>
      (await import('../actions/sample.ts')).sampleAction(reference, { ...options, given: givenNames(command) }),
    )
}
