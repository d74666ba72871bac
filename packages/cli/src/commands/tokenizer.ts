// The words of ddlf tokenizer: its verbs with their arguments, options and help.
import type { TrainedKind } from '@ddlf/data/tokenizers'
import { Command, Option } from 'commander'
import { collect, forceOption, given, jsonOption, outOption, wholeNumber } from './options.ts'

const verbs = () => import('../actions/tokenizer.ts')
type Verbs = Awaited<ReturnType<typeof verbs>>

const kinds = Object.keys({ bpe: 0, words: 0, characters: 0 } satisfies Record<TrainedKind, number>)

const textOptions = (command: Command) =>
  command
    .option('--file <path>', 'take the text from a file (UTF-8)', given('--file'))
    .option('--no-special', 'leave out the special tokens that the tokenizer adds around a text')
    .option('--no-parse-special', 'read <|endoftext|> and its like in the text as plain text')

function trainVerb(): Command {
  return new Command('train')
    .description('learn a tokenizer from a file, a folder of text files, or the texts of a data set')
    .argument('<sources...>', 'files, folders (.txt, .text, .md, .markdown) or ids of data sets')
    .addOption(new Option('--kind <kind>', 'bpe over bytes, words, or characters').choices(kinds).default('bpe'))
    .option(
      '--vocabulary <number>',
      'most entries, special tokens included (default: 8192 for bpe, 30000 for words, all characters)',
      wholeNumber('--vocabulary', 1, 2 ** 21),
    )
    .option(
      '--minimum-count <number>',
      'how often a pair, word or character must occur (default: 2; characters: 1)',
      wholeNumber('--minimum-count', 1),
    )
    .option(
      '--pattern <pattern>',
      'bpe: how words are cut, gpt2, gpt4 or a regular expression (default: gpt4)',
      given('--pattern'),
    )
    .addOption(
      new Option(
        '--special <token>',
        'a special token (may be repeated; default: <|endoftext|> for bpe, <unk> for words)',
      )
        .argParser(collect)
        .default([], ''),
    )
    .option('--unknown <token>', 'words, characters: the token for what was never seen', given('--unknown'))
    .option('--lowercase', 'words: drop case')
    .option('--split <name>', 'data set: the split to learn from (default: train)', given('--split'))
    .addOption(outOption('file to write').default('tokenizer.json'))
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer train book.txt --vocabulary 8192
  $ ddlf tokenizer train ./essays --kind words --minimum-count 3 --out words.json
  $ ddlf tokenizer train tiny-shakespeare --kind characters --out characters.json
`,
    )
    .action(async (...words: Parameters<Verbs['train']>) => (await verbs()).train(...words))
}

function showVerb(): Command {
  return textOptions(
    new Command('show')
      .description('write a page that colours the tokens of a text, and print statistics')
      .argument('<tokenizer>', 'a tokenizer.json')
      .argument('[text]', 'a text in quotes; without it and --file, the input'),
  )
    .addOption(outOption('page to write').default('tokens.html'))
    .option('--most <number>', 'tokens that are drawn', wholeNumber('--most', 1), 5000)
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer show tokenizer.json "Tokenization isn't trivial."
  $ ddlf tokenizer show tokenizer.json --file book.txt --out book.html
`,
    )
    .action(async (...words: Parameters<Verbs['show']>) => (await verbs()).show(...words))
}

function encodeVerb(): Command {
  return textOptions(
    new Command('encode')
      .description('the tokens of a text, with their ids')
      .argument('<tokenizer>', 'a tokenizer.json')
      .argument('[text]', 'a text in quotes; without it and --file, the input'),
  )
    .addOption(new Option('--ids', 'print the ids alone, on one line').conflicts('json'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer encode tokenizer.json "Hello, world"
  $ ddlf tokenizer encode tokenizer.json --file book.txt --ids > book.ids
  $ ddlf tokenizer encode gpt2.json "Hello" --json | jq .ids
`,
    )
    .action(async (...words: Parameters<Verbs['encode']>) => (await verbs()).encode(...words))
}

function decodeVerb(): Command {
  return new Command('decode')
    .description('the text of ids')
    .argument('<tokenizer>', 'a tokenizer.json')
    .argument('[ids...]', 'ids with blanks or commas between; without them and --file, the input')
    .option('--file <path>', 'take the ids from a file', given('--file'))
    .option('--skip-special', 'leave special tokens out')
    .addOption(
      outOption('write the text to a file, byte for byte; what is printed has its control characters written out'),
    )
    .addOption(forceOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  $ ddlf tokenizer decode gpt2.json 31373 995
  $ ddlf tokenizer decode tokenizer.json --file book.ids --out book.txt
`,
    )
    .action(async (...words: Parameters<Verbs['decode']>) => (await verbs()).decode(...words))
}

/** The command `ddlf tokenizer` with its verbs. */
export function tokenizerCommand(): Command {
  const command = new Command('tokenizer')
    .description('learn a tokenizer, encode and decode with it, look at its tokens')
    .addHelpText(
      'after',
      `
Files are Hugging Face's tokenizer.json; those of GPT-2,
Llama, Gemma, BERT and others are read too.

Examples:
  $ ddlf tokenizer train book.txt --vocabulary 8192 --out book.json
  $ ddlf tokenizer encode book.json "Call me Ishmael." --ids
  $ ddlf tokenizer show book.json --file book.txt
`,
    )
  for (const verb of [trainVerb(), encodeVerb(), decodeVerb(), showVerb()]) command.addCommand(verb)
  return command
}
