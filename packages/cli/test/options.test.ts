// Every option and argument of every command with bad values: empty, negative, not a number, huge, names that objects
// inherit. Each gets a message that says what is wrong and what was received; nothing is written, and no stack is
// shown.
import fs from 'node:fs'
import path from 'node:path'
import { trainTokenizer } from '@ddlf/data/tokenizers'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../src/main.ts'
import { ddlf, eventsOf, workFolder } from './command.ts'
import { called } from './in-process.ts'

/** Bounds against hanging only: machines may be busy. */
const PATIENCE = 600_000
const folder = workFolder()
const runs = path.join(folder, 'runs')
let run = ''
const home = process.cwd()

beforeAll(async () => {
  const trained = await ddlf(
    'train',
    'mlp-on-mnist',
    '--set',
    'epochs=1',
    '--set',
    'trainExamples=200',
    '--set',
    'hidden=8',
    '--json',
    '--runs',
    runs,
  )
  run = String(eventsOf(trained).find(({ kind }) => kind === 'start')?.['run'])
  fs.mkdirSync(path.join(folder, 'pictures', 'a'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'a.txt'), 'some text')
  fs.writeFileSync(path.join(folder, 'a.json'), trainTokenizer(['some text']).toJson())
  process.chdir(folder)
}, PATIENCE)
afterAll(() => {
  process.chdir(home)
  fs.rmSync(folder, { recursive: true, force: true })
})

/** What a command says to standard error, and its exit code. */
async function mistake(args: readonly string[]): Promise<{ code: unknown; said: string }> {
  const { code, stderr } = await called(...args)
  return { code, said: stderr }
}

const COUNTS = ['', '-1', 'NaN', '1.5', 'many', '1e99', '99999999999999999999', 'constructor']
const NAMES = ['', 'constructor', 'toString', '__proto__', 'foo']
const whole = /takes a whole number/
const RUN = '<run>'
const empty = /needs a value|Received: an empty text/
const SETTING = /must be written key=value|no setting of this name|Settings of mlp-on-mnist|sees the test set/
const SPACE = new RegExp([
  'written name=range', 'no setting of this name', 'range is empty', 'begins above zero', 'begins with its kind',
  'is no parameter of a study', 'is not empty', 'entry of a list', 'Settings of',
].join('|'))

/** By command: what precedes the option, and for each option the bad values with the message. */
const table: Record<
  string,
  { args: readonly string[]; options: Record<string, readonly [values: readonly string[], message: RegExp]> }
> = {
  train: {
    args: ['mlp-on-mnist'],
    options: {
      '--set': [
        [
          '',
          '=',
          'foo',
          'foo=1',
          'constructor=1',
          'toString=1',
          '__proto__=1',
          'epochs=',
          'epochs=-1',
          'epochs=NaN',
          'epochs=1e99',
          'dropout=2',
        ],
        /must be written key=value|no setting of this name|Settings of mlp-on-mnist/,
      ],
      '--data': [['/nowhere'], /no setting of this name/],
      '--from': [
        ['', ' ', '__proto__', 'foo', 'mlp-on-mnist/20200101-000000-aaaa', '../x'],
        /no such run|cannot be the name of a run/,
      ],
      '--threads': [[...COUNTS, '0', '100000'], whole],
      '--keep': [COUNTS, whole],
      '--runs': [['', ' '], empty],
    },
  },
  tune: {
    args: ['mlp-on-mnist'],
    options: {
      '--space': [
        [
          '',
          '=',
          'foo',
          'foo=log:1..2',
          'constructor=int:1..2',
          '__proto__=int:1..2',
          'dropout=float:1..0',
          'dropout=float:0..5',
          'learningRate=log:0..1',
          'learningRate=lgo:1..2',
          'seed=int:1..3',
          'batchSize=choice:',
          'hidden.9=int:1..2',
        ],
        SPACE,
      ],
      '--enqueue': [
        ['', '=', 'learningRate', 'learningRate=', 'learningRate=9', 'foo=1', '__proto__=1', 'constructor=1',
          'batchSize=many', 'learningRate=0.1,learningRate=0.1', 'learningRate=NaN', 'learningRate=0.1,'],
        /written name=value|one value in a trial|no such parameter|lies outside its range/,
      ],
      '--trials': [[...COUNTS, '0'], whole],
      '--study': [['', ' ', '..', 'a/b', '../x', '.hidden', '__proto__', 'n'.repeat(300)], /A study's name (is made of|has at most 200)/],
      '--studies': [['', ' '], empty],
      '--set': [['', '=', 'foo=1', 'constructor=1', 'epochs=-1', 'evaluateTest=true'], SETTING],
      '--data': [['/nowhere'], /no setting of this name/],
      '--jobs': [[...COUNTS, '0', '100000'], whole],
      '--sampler': [NAMES, /must be one of/],
      '--pruner': [NAMES, /must be one of/],
      '--objective': [['', 'parameters', 'seconds'], /at least one metric|An objective has a name/],
      '--repeats': [[...COUNTS, '0'], whole],
      '--seed': [COUNTS, whole],
      '--timeout': [[...COUNTS, '0s', '2 weeks', 'h', '-1h', '5', '0'], /takes a duration(: a| that is)/],
      '--epochs': [[...COUNTS, '0'], whole],
      '--flop': [['', '-1', '0', 'NaN', 'many', '1e999', 'constructor'], /takes a number above 0/],
      '--keep': [NAMES, /must be one of/],
      '--queue': [['', 'localhost', 'http://localhost', 'redis://'], /needs a value|given by its address/],
      '--runs': [['', ' '], empty],
    },
  },
  'tune confirm': {
    args: ['none'],
    options: {
      '--trial': [COUNTS, whole],
      '--seeds': [[...COUNTS, '0'], whole],
      '--jobs': [[...COUNTS, '0'], whole],
      '--studies': [[''], empty],
      '--runs': [[''], empty],
    },
  },
  'tune-rate': {
    args: ['mlp-on-mnist'],
    options: {
      '--set': [['', 'foo=1', 'constructor=1'], SETTING],
      '--data': [['/nowhere'], /no setting of this name/],
      '--low': [['', '-1', '0', 'NaN', 'constructor'], /takes a number above 0/],
      '--high': [['', '-1', 'many'], /takes a number above 0/],
      '--steps': [[...COUNTS, '0', '2'], whole],
      '--studies': [[''], empty],
      '--threads': [[...COUNTS, '0'], whole],
    },
  },
  'study list': { args: [], options: { '--studies': [[''], empty] } },
  'study show': {
    args: ['none'],
    options: { '--limit': [[...COUNTS, '0'], whole], '--sort': [NAMES, /must be one of/], '--studies': [[''], empty] },
  },
  'study best': { args: ['none'], options: { '--studies': [['', folder], /needs a value|no study of this name/] } },
  'study importance': { args: ['none'], options: { '--studies': [[''], empty] } },
  'study report': {
    args: ['none'],
    options: { '--out': [[''], empty], '--studies': [['', folder], /needs a value|no study of this name/] },
  },
  'study record': { args: ['none'], options: { '--studies': [['', folder], /needs a value|no study of this name/] } },
  'study export': {
    args: ['none'],
    options: { '--format': [NAMES, /must be one of/], '--out': [[''], empty], '--studies': [[''], empty] },
  },
  worker: {
    args: ['--queue', 'redis://127.0.0.1:1'],
    options: {
      '--queue': [['', 'localhost', 'http://x'], /needs a value|given by its address/],
      '--jobs': [[...COUNTS, '0'], whole],
      '--runs': [[''], empty],
    },
  },
  queue: { args: [], options: { '--queue': [['', 'localhost', 'redis://'], /needs a value|given by its address/] } },
  resume: {
    args: [RUN],
    options: {
      '--data': [['', '/nowhere'], /nothing is left to do/],
      '--test-data': [['', '/nowhere'], /nothing is left to do/],
      '--runs': [[''], empty],
    },
  },
  verify: { args: [RUN], options: { '--runs': [[''], empty] } },
  runs: {
    args: [],
    options: {
      '--status': [NAMES, /must be one of/],
      '--where': [
        ['', '=', 'foo', 'foo=1', 'constructor=1', 'toString=x', '__proto__=x'],
        /must be written key=value|a setting of this name/,
      ],
      '--sort': [NAMES, /a metric of this name/],
      '--study': [NAMES, /is a trial of a study|a study of this name/],
      '--limit': [[...COUNTS, '0'], whole],
      '--runs': [[''], empty],
    },
  },
  show: { args: [RUN], options: { '--runs': [[''], empty] } },
  analyze: {
    args: [RUN],
    options: {
      '--checkpoint': [NAMES, /The run has no checkpoint/],
      '--data': [['', '/nowhere'], /no own data/],
      '--test-data': [['', '/nowhere'], /no own data/],
      '--landscape': [['3d', 'constructor'], /must be one of/],
      '--words': [['', ' , ', 'constructor'], /needs a value|with commas|vectors of words/],
      '--out': [[''], empty],
      '--runs': [[''], empty],
    },
  },
  compare: {
    args: [RUN, RUN],
    options: { '--metric': [NAMES, /at least two runs/], '--out': [[''], empty], '--runs': [[''], empty] },
  },
  evaluate: {
    args: [RUN],
    options: {
      '--checkpoint': [NAMES, /The run has no checkpoint/],
      '--data': [['', '/nowhere'], /no own data/],
      '--test-data': [['', '/nowhere'], /no own data/],
      '--split': [NAMES, /no split named/],
      '--runs': [[''], empty],
    },
  },
  sample: {
    args: [RUN],
    options: {
      '--prompt': [['x'], /Only a model that makes texts or pictures/],
      '--count': [[...COUNTS, '0'], whole],
      '--out': [[''], empty],
      '--judge': [[''], empty],
      '--tokens': [[...COUNTS, '0'], whole],
      '--top-k': [[...COUNTS, '0'], whole],
      '--top-p': [['', '0', '1.5', 'NaN', 'most'], /--top-p takes a number above 0 and at most 1/],
      '--stop': [[''], /--stop needs a text/],
      '--threads': [[...COUNTS, '0'], whole],
      '--temperature': [['', '-1', 'NaN', 'warm', '1e999'], /--temperature takes a number of at least 0/],
      '--seed': [COUNTS, whole],
      '--checkpoint': [NAMES, /The run has no checkpoint/],
      '--runs': [[''], empty],
    },
  },
  predict: {
    args: [RUN, 'a.png'],
    options: {
      '--top': [[...COUNTS, '0'], whole],
      '--out': [['', 'a.png'], /--out is for a model that answers with pictures|needs a value/],
      '--checkpoint': [NAMES, /The run has no checkpoint/],
      '--runs': [[''], empty],
      '--column': [[...NAMES, ' '], /--column names a column of a table|needs a value/],
      '--header': [[...NAMES, '1'], /must be one of/],
      '--delimiter': [['', ';'], /say how a table is written|needs a value/],
      '--beams': [[...COUNTS, '0', '101'], /takes a whole number/],
      '--length-penalty': [['', 'x', '6', '1e400'], /takes a number from|needs a value/],
    },
  },
  export: {
    args: [RUN],
    options: {
      '--format': [NAMES, /must be one of/],
      '--out': [[''], empty],
      '--batch': [[...COUNTS, '0', '100000'], whole],
      '--checkpoint': [NAMES, /The run has no checkpoint/],
      '--runs': [[''], empty],
    },
  },
  import: {
    args: ['mlp-on-mnist', '/nowhere.safetensors'],
    options: {
      '--set': [['foo=1', 'constructor=1', ''], /must be written key=value|no setting of this name/],
      '--rename': [['a=b'], /must be a file of weights/],
      '--data': [['/nowhere'], /no setting of this name/],
      '--runs': [[''], empty],
    },
  },
  rm: { args: [RUN], options: { '--runs': [[''], empty] } },
  graph: {
    args: ['mlp-on-mnist'],
    options: {
      '--set': [['foo=1', 'constructor=1', ''], /must be written key=value|no setting of this name/],
      '--part': [NAMES, /must be one of/],
      '--out': [[''], empty],
      '--runs': [[''], empty],
    },
  },
  doctor: { args: [], options: { '--runs': [[''], empty] } },
  exercise: {
    args: ['momentum'],
    options: { '--hint': [[...COUNTS, '0', '99'], /takes a whole number|no such hint/], '--folder': [[''], empty] },
  },
  new: {
    args: ['my-topic'],
    options: {
      '--course': [['', ' '], empty],
      '--title': [['', ' '], empty],
      '--days': [
        ['', '5', '0-0', '-1-2', '9-3', 'a-b', 'constructor', '1-99999999999'],
        /Days must be written|must begin at 1|belong to another/,
      ],
    },
  },
  reproduce: {
    args: ['mlp-on-mnist'],
    options: {
      '--only': [NAMES, /no recorded experiment of this name/],
      '--seed': [COUNTS, whole],
      '--threads': [[...COUNTS, '0'], whole],
      '--queue': [[''], empty],
      '--runs': [[''], empty],
    },
  },
  lab: {
    args: [],
    options: {
      '--port': [[...COUNTS, 'abc', '65536', '100000'], whole],
      '--runs': [[''], empty],
      '--studies': [[''], empty],
    },
  },
  record: {
    args: ['mlp-on-mnist'],
    options: {
      '--seeds': [[...COUNTS, '0'], whole],
      '--threads': [[...COUNTS, '0'], whole],
      '--queue': [[''], empty],
      '--runs': [[''], empty],
    },
  },
  site: {
    args: [],
    options: { '--base': [['', 'course', 'http://x', '/a b/', '//x'], /begins with a slash/], '--out': [[''], empty] },
  },
  'data show': {
    args: ['mnist'],
    options: {
      '--split': [NAMES, /no split named/],
      '--output': [['', 'a.gif', 'constructor'], /needs a value|must end in/],
      '--per-class': [[...COUNTS, '0', '1001'], whole],
      '--seed': [COUNTS, whole],
      '--transform': [NAMES, /There is no transform|must be a kind/],
      '--size': [
        ['', '0', '-1', '5000', '100000', '32x', 'x32', '32x0', 'NaN', '1e3', 'constructor'],
        /--size must be/,
      ],
      '--fit': [NAMES, /must be one of/],
      '--text': [['', ' '], empty],
      '--source': [['', ' '], empty],
      '--label': [['', ' '], empty],
      '--target': [['', ' '], empty],
      '--features': [['', ' '], empty],
      '--delimiter': [['', ';;', 'tab', 'constructor'], /--delimiter must be one character/],
    },
  },
  'tokenizer train': {
    args: ['a.txt'],
    options: {
      '--kind': [NAMES, /must be one of/],
      '--vocabulary': [[...COUNTS, '0', '100'], /takes a whole number|The vocabulary must be/],
      '--minimum-count': [[...COUNTS, '0'], whole],
      '--pattern': [['', '[', '('], /needs a value|The tokenizer's pattern/],
      '--special': [[''], /needs a value|A special token needs a name/],
      '--unknown': [['', 'foo'], /needs a value|knows every text/],
      '--split': [[''], empty],
      '--out': [['', 'a.txt'], /needs a value|is there already|never replaces what/],
    },
  },
  'tokenizer encode': {
    args: ['a.json'],
    options: { '--file': [['', '/nowhere'], /needs a value|must be a file that can be read/] },
  },
  'tokenizer decode': {
    args: ['a.json'],
    options: {
      '--file': [['', '/nowhere'], /needs a value|must be a file that can be read/],
      '--out': [['', 'a.txt'], /needs a value|is there already|never replaces what/],
    },
  },
  'tokenizer show': {
    args: ['a.json', 'a text'],
    options: {
      '--file': [['', 'a.txt'], /needs a value|not both/],
      '--out': [['', 'a.txt'], /needs a value|is there already|never replaces what/],
      '--most': [[...COUNTS, '0'], whole],
    },
  },
}

/** Arguments themselves. */
const names: readonly [args: readonly string[], message: RegExp][] = [
  ...NAMES.flatMap((name): [string[], RegExp][] => [
    [['train', name], /no experiment of this name/],
    [['graph', name], /no experiment of this name/],
    [['tune', name], /no experiment of this name/],
    [['tune-rate', name], /no experiment of this name/],
    [['study', 'show', name], /no study of this name|A study's name is made of/],
    [['tune', 'confirm', name], /no study of this name|A study's name is made of/],
    [['record', name], /no experiment of this name/],
    [['import', name, 'x'], /no experiment of this name/],
    [['reproduce', name], /no topic of this name/],
    [['exercise', name], /no exercise of this name/],
    [['runs', name, '--runs', path.join(folder, 'runs')], /no experiment of this name/],
    [['show', name, '--runs', runs], /no such run|cannot be the name of a run/],
    [['rm', name, '--yes', '--runs', runs], /no such run|cannot be the name of a run/],
    [['data', 'info', name], /no data set named/],
    [['data', 'pull', name], /no data set named/],
    [['data', 'show', name], /no data set named/],
    [['new', name === 'foo' ? 'Foo' : name], /A slug must be|word of the language/],
  ]),
  ...['constructor', 'toString', '__proto__', 'foo'].flatMap((name): [string[], RegExp][] => [
    [[name], /There is no such command/],
    [['data', name], /There is no such command/],
  ]),
]

/** What the reader of the command line refuses by itself: in the form of every other mistake, with the nearest name. */
const refused: readonly [args: readonly string[], rule: RegExp, received: string, next: RegExp][] = [
  [['tarin', 'mlp-on-mnist'], /There is no such command/, 'tarin', /Did you mean train\?/],
  [['zzzzzzzzzz'], /There is no such command/, 'zzzzzzzzzz', /What there is: .*ddlf(\.mjs)?( --)? --help/],
  [['data', 'lst'], /There is no such command/, 'data lst', /Did you mean list\?/],
  [['study', 'confirm', 'x'], /There is no such command/, 'study confirm', /Did you mean tune confirm\? .*--help/],
  [['tune', 'show', 'x'], /'tune' has no command 'show'/, 'tune show x', /Did you mean study show\? .*--help/],
  [['--hepl'], /ddlf has no option of this name/, '--hepl', /Did you mean --help\?|--help/],
  [
    ['train', 'mlp-on-mnist', '--sett', 'epochs=1'],
    /'train' has no option of this name/,
    '--sett',
    /Did you mean --set\? What there is: .* train --help/,
  ],
  [
    ['data', 'show', 'mnist', '--sede', '1'],
    /'data show' has no option of this name/,
    '--sede',
    /Did you mean --seed\? What there is: .* data show --help/,
  ],
  [['train'], /'train' needs <experiment>: name, as/, 'nothing in its place', /train --help/],
  [['compare'], /'compare' needs <runs>/, 'nothing in its place', /compare --help/],
  [['train', 'mlp-on-mnist', '--set'], /-s, --set <key=value> needs a value/, 'nothing after it', /train --help/],
  [['worker'], /'worker' needs --queue <address>: /, 'no --queue', /worker --help/],
  [['queue'], /'queue' needs --queue <address>: /, 'no --queue', /queue --help/],
  [['show', 'one', 'two'], /'show' takes one argument/, 'one two', /quotes/],
  [['days', 'one'], /'days' takes no argument/, 'one', /quotes/],
  [
    ['runs', '--status', 'complete'],
    /--status <status> must be one of running, completed, /,
    'complete',
    /Did you mean completed\?/,
  ],
  [['predict', 'latest', 'a.png', '--csv', '--json'], /--csv and --json exclude each other/, 'both', /Leave one out/],
  [['tokenizer', 'encode', 'a.json', 'a', '--ids', '--json'], /--ids and --json exclude/, 'both', /Leave one out/],
]
test.each(refused.map(([args, ...rest]) => [args.join(' '), args, ...rest] as const))(
  'ddlf %s',
  async (_, args, rule, received, next) => {
    const { code, said } = await mistake(args)
    expect({ said, code }).toEqual({ said: expect.stringMatching(rule) as string, code: 1 })
    expect(said).toMatch(/^Error: [^\n]+\n {2}Received: [^\n]+\n {2}Next: [^\n]+\n$/)
    expect(said).toContain(`\n  Received: ${received}\n`)
    expect(said.split('\n')[2]).toMatch(next)
  },
  PATIENCE,
)

const valueOptions = (command: Command): string[] =>
  command.options.filter(option => option.required || option.optional).map(option => option.long ?? '')

test('the table holds every option that takes a value', async () => {
  for (const command of (await program()).commands) {
    for (const [name, each] of [
      [command.name(), command] as const,
      ...command.commands.map(verb => [`${command.name()} ${verb.name()}`, verb] as const),
    ]) {
      const options = valueOptions(each)
      if (options.length > 0)
        expect([name, Object.keys(table[name]?.options ?? {}).sort()]).toEqual([name, options.sort()])
    }
  }
}, PATIENCE)

describe.each(Object.entries(table))('%s', (name, { args, options }) => {
  test.each(Object.entries(options))('%s', async (option, [values, message]) => {
    const before = fs.readdirSync(folder, { recursive: true }).length
    for (const value of values) {
      // `--option=` is how an empty value arrives from a shell without being taken for another option.
      const given = [
        ...name.split(' '),
        ...args.map(arg => (arg === RUN ? run : arg)),
        `${option}=${value}`,
        ...(option !== '--runs' && options['--runs'] ? ['--runs', runs] : []),
      ]
      const { code, said } = await mistake(given)
      expect({ given, said, code }).toEqual({ given, said: expect.stringMatching(message) as string, code: 1 })
      expect(said, given.join(' ')).toMatch(/^Error: /)
      expect(said).not.toMatch(/^\s+at /m)
    }
    expect(fs.readdirSync(folder, { recursive: true }).length).toBe(before)
  }, PATIENCE)
})

test.each(names.map(([args, message]) => [args.join(' '), args, message] as const))('%s', async (_, args, message) => {
  const { code, said } = await mistake(args)
  expect({ said, code }).toEqual({ said: expect.stringMatching(message) as string, code: 1 })
  expect(said).not.toMatch(/^\s+at /m)
}, PATIENCE)
