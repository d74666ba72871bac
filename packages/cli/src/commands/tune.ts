// The words of ddlf tune: its arguments, options and help.
import { Command, Option } from 'commander'
import { duration, prunerNames, prunerUses, samplerNames, samplerUses } from '@ddlf/lab/study-names'
import type { TuneOptions } from '../actions/tune.ts'
import { wrapText } from '../terminal/table.ts'
import { terminalWidth } from '../terminal/terminal-width.ts'
import { confirmCommand } from './tune-confirm.ts'
import {
  collect,
  jsonOption,
  positiveNumber,
  queueOption,
  runsOption,
  setOption,
  studiesOption,
  wholeNumber,
} from './options.ts'

const NAME_COLUMNS = 22

/** Names with when to take them, in lines that fit. */
const listed = (uses: Readonly<Record<string, string>>) =>
  Object.entries(uses).map(([name, use]) => {
    const lines = wrapText(use, terminalWidth() - NAME_COLUMNS).split('\n')
    return `  ${name}`.padEnd(NAME_COLUMNS) + lines.join(`\n${' '.repeat(NAME_COLUMNS)}`)
  }).join('\n')

const choices = () => `
${wrapText('Samplers propose settings. Leave --sampler out unless one of these fits better:')}
${listed(samplerUses)}
${wrapText('Pruners stop trials that fall behind, so that more can be tried in the same time:')}
${listed(prunerUses)}
`

const EXAMPLES = `
Examples:
  $ ddlf tune mlp-on-mnist --trials 60
      the experiment's own ranges; the same command with --trials 100 goes on to a hundred
  $ ddlf tune mlp-on-mnist --space learningRate=log:1e-5..1e-1 --space batchSize=choice:32,64,128
  $ ddlf tune mlp-on-mnist --set hidden=128,64 --space hidden.0=logint:32..512 --space hidden.1=logint:16..128
  $ ddlf tune mlp-on-mnist --space optimizer=choice:sgd,adam --space 'momentum=float:0..0.99 if optimizer=sgd'
  $ ddlf tune mlp-on-mnist --enqueue learningRate=0.1,batchSize=64 --enqueue learningRate=0.01
      what you would try by hand comes first
  $ ddlf tune mlp-on-mnist --pruner asha --trials 100 --epochs 300 --jobs 4
      bad trials are stopped early; 300 epochs over all trials, to the last one
  $ ddlf tune mlp-on-mnist --objective error --objective parameters --study small
      the best compromises between two
  $ ddlf tune tabular --data houses.csv --set target=price --trials 40 --timeout 2h
  $ ddlf tune study.yaml                         options on the command line go before what the file says
      experiment: mlp-on-mnist
      trials: 60
      settings: { epochs: 5 }
      space:
        learningRate: log:1e-5..1e-1
        optimizer: [sgd, adam]
        momentum: { float: [0, 0.99], when: { optimizer: sgd } }
  $ ddlf tune study.ts                           default export: the same fields; the file may export experiments
  $ ddlf study show mlp-on-mnist
  $ ddlf tune confirm mlp-on-mnist

Ranges: float:0..1, log:1e-5..1e-1, step:0..1:0.1, int:1..10, logint:16..1024, choice:a,b,c.
Trials are compared on a part of the training data that is held out (a tenth where the
settings hold out none). The test set is read by 'ddlf tune confirm' alone. Each trial is a run,
kept like any other. Ctrl-C saves all and stops. A trial that a pruner stopped and that proves
good later goes on; it is not counted again.
`

/** An option that is given once for each of several values. */
const repeated = (flags: string, description: string, preset: string) =>
  new Option(flags, description).argParser(collect).default([], preset)

export function tuneCommand(): Command {
  return new Command('tune')
    .description('find better settings for an experiment, trial by trial')
    .argument('<experiment or file>', 'name, as `ddlf days` lists them, or a file that has it or describes the study')
    .addOption(
      repeated('--space <name=range>', 'a setting to tune and its range (may be repeated)', "the experiment's own"),
    )
    .addOption(
      repeated(
        '--enqueue <name=value,...>',
        'settings to try first; the sampler gives what is left out (may be repeated)',
        'none',
      ),
    )
    .option('--trials <number>', 'trials in all, those of earlier calls included', wholeNumber('--trials', 1), 50)
    .option('--study <name>', 'name of the study (default: the experiment)')
    .addOption(studiesOption())
    .addOption(runsOption())
    .addOption(setOption('change a setting of every trial (may be repeated)'))
    .option('--data <path>', 'your own data, as for train')
    .option(
      '--jobs <number>',
      'trials at once; the processors are divided among them (default: half the processors)',
      wholeNumber('--jobs', 1, 1024),
    )
    .addOption(new Option('--sampler <name>', 'who proposes settings (default: tpe)').choices([...samplerNames, 'gp']))
    .addOption(
      new Option('--pruner <name>', 'who stops bad trials (default: median; wilcoxon with --repeats)').choices([
        ...prunerNames,
        'asha',
      ]),
    )
    .addOption(
      repeated(
        '--objective <name>',
        'a metric, parameters, flop or seconds; several for compromises',
        "the experiment's metric",
      ),
    )
    .option('--repeats <number>', 'seeds of a trial, whose mean counts (default: 1)', wholeNumber('--repeats', 1, 1000))
    .option('--seed <number>', "the sampler's seed (default: 0)", wholeNumber('--seed'))
    .option('--timeout <duration>', 'stop after so long: 90s, 30m, 2h', duration('--timeout'))
    .option('--epochs <number>', 'epochs over all trials, to the last one', wholeNumber('--epochs', 1))
    .option('--flop <number>', 'floating-point operations over all trials', positiveNumber('--flop'))
    .addOption(
      new Option('--keep <which>', 'runs that are kept: all, or those of the best trials alone')
        .choices(['all', 'best'])
        .default('all'),
    )
    .addOption(queueOption())
    .option(
      '--changed',
      'go on with trials although settings, code or data have changed since; their records say so',
    )
    .addOption(jsonOption())
    .addHelpText('after', () => choices() + EXAMPLES)
    .addCommand(confirmCommand())
    .action(async (name: string, options: TuneOptions, command: Command) =>
      (await import('../actions/tune.ts')).tuneAction(name, options, option =>
        command.getOptionValueSource(option) !== 'default',
      ),
    )
}
