// Pairs of sentences: Tatoeba (English with French or Spanish) and Multi30k (English, German, French).
import { unzipSync } from 'fflate'
import { UserError } from '@ddlf/tensor/errors'
import type { DatasetCard, PinnedFile } from '../dataset.ts'
import { badLine, decodeText, linesOf, plainTexts } from './published.ts'
import type { PublishedSet } from './published.ts'

interface TatoebaParts {
  readonly id: string
  readonly language: string
  readonly file: PinnedFile
  readonly member: string
  readonly examples: number
}

function tatoeba({ id, language, file, member, examples }: TatoebaParts): PublishedSet {
  const card: DatasetCard = {
    id,
    title: `Tatoeba, English and ${language}`,
    description: `${examples.toLocaleString('en')} short English sentences with a ${language} translation, the ` +
      `shortest first. There is no official split.`,
    citation: 'The Tatoeba project, through the ManyThings bilingual sentence pairs',
    licence: 'CC BY 2.0 FR',
    homepage: 'https://www.manythings.org/anki/',
    task: 'sequence to sequence',
    splits: [{ name: 'all', examples }],
    columns: [
      { name: 'source', dtype: 'string', shape: [], meaning: 'the English sentence' },
      { name: 'target', dtype: 'string', shape: [], meaning: `the ${language} sentence` },
    ],
    editions: [{ name: 'zip', files: [file] }],
  }
  return {
    card,
    async read(files, split) {
      const zip = await files.read(file.name)
      let content: Uint8Array | undefined
      try {
        content = unzipSync(zip, { filter: entry => entry.name === member })[member]
      } catch (error) {
        throw new UserError(
          {
            rule: `${file.name} is not a sound zip archive.`,
            received: error instanceof Error ? error.message : String(error),
          },
          { cause: error },
        )
      }
      if (content === undefined) throw new UserError({ rule: `${file.name} must contain ${member}.` })
      const pairs = linesOf(decodeText(content)).map((line, k): [string, string] => {
        const [source, target] = line.split('\t')
        if (source === undefined || target === undefined)
          throw badLine(`${id}/${member}`, k + 1, 'expected two sentences with a tab between', line)
        return [source, target]
      })
      return plainTexts(`${id}/${split}`, {
        source: pairs.map(([source]) => source),
        target: pairs.map(([, target]) => target),
      })
    },
  }
}

export const tatoebaFrench = tatoeba({
  id: 'tatoeba-fra',
  language: 'French',
  file: {
    name: 'fra-eng-2017.zip',
    aliases: ['tatoeba/fra-eng-2017.zip'],
    sha256: '16c4f7d0df9e7c5e6c54cdb0447f3f4a18a55052ff5e2e0b27dd4a06c0e49d04',
    bytes: 2_951_390,
  },
  member: 'fra.txt',
  examples: 142_787,
})

export const tatoebaSpanish = tatoeba({
  id: 'tatoeba-spa',
  language: 'Spanish',
  file: {
    name: 'spa-eng.zip',
    aliases: ['tatoeba/spa-eng.zip'],
    sha256: 'f80e581ae291aa34dd3aba7bd98b5e9505234da4318e2f3295df70a1520c7f61',
    bytes: 2_767_131,
  },
  member: 'spa-eng/spa.txt',
  examples: 118_964,
})

const archive = (name: string, sha256: string, bytes: number) => ({
  name,
  sha256,
  bytes,
  urls: [`https://raw.githubusercontent.com/neychev/small_DL_repo/1cc0d4bf4c97119c73ae93411d361c040ce1394c/datasets/Multi30k/${name}`],
})
const french = (name: string, sha256: string, bytes: number) => ({
  name,
  sha256,
  bytes,
  urls: [`https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/${name}`],
})

/** Where each split of Multi30k lies: an archive of English and German, and a file of French. */
const multi30kParts = {
  train: { archive: 'training.tar.gz', stem: 'train', french: 'train.fr' },
  validation: { archive: 'validation.tar.gz', stem: 'val', french: 'val.fr' },
  test: { archive: 'mmt16_task1_test.tar.gz', stem: 'test', french: 'test_2016_flickr.fr' },
} as const

export const multi30k: PublishedSet = {
  card: {
    id: 'multi30k',
    title: 'Multi30k',
    description:
      'Captions of photographs in English, with German and French translations; the test split is that of 2016.',
    citation:
      'D. Elliott, S. Frank, K. Sima\'an and L. Specia, "Multi30K: multilingual English-German image ' +
      'descriptions", 2016',
    licence: 'free for research and education',
    homepage: 'https://github.com/multi30k/dataset',
    task: 'sequence to sequence',
    splits: [
      { name: 'train', examples: 29_000 },
      { name: 'validation', examples: 1014 },
      { name: 'test', examples: 1000 },
    ],
    columns: [
      { name: 'english', dtype: 'string', shape: [], meaning: 'the English caption' },
      { name: 'german', dtype: 'string', shape: [], meaning: 'its German translation' },
      { name: 'french', dtype: 'string', shape: [], meaning: 'its French translation' },
    ],
    editions: [
      {
        name: 'task 1',
        files: [
          archive('training.tar.gz', '20140d013d05dd9a72dfde46478663ba05737ce983f478f960c1123c6671be5e', 1_207_136),
          archive('validation.tar.gz', 'a7aa20e9ebd5ba5adce7909498b94410996040857154dab029851af3a866da8c', 46_329),
          archive(
            'mmt16_task1_test.tar.gz',
            '6d1ca1dba99e2c5dd54cae1226ff11c2551e6ce63527ebb072a1f70f72a5cd36',
            67_079,
          ),
          french('train.fr.gz', '622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c', 604_242),
          french('val.fr.gz', 'ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9', 23_001),
          french('test_2016_flickr.fr.gz', '6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90', 22_310),
        ],
      },
    ],
  },
  async read(files, split) {
    const part = multi30kParts[split as keyof typeof multi30kParts]
    const members = await files.members(part.archive, path => path === `${part.stem}.en` || path === `${part.stem}.de`)
    const captions = (ending: string) => {
      const member = members.find(({ path }) => path.endsWith(ending))
      if (member === undefined) throw new UserError({ rule: `${part.archive} must contain ${part.stem}${ending}.` })
      return captionsOf(member.content)
    }
    return plainTexts(`multi30k/${split}`, {
      english: captions('.en'),
      german: captions('.de'),
      french: captionsOf(await files.read(part.french)),
    })
  },
}

/** One caption a line; blank lines at the end are no captions. */
function captionsOf(bytes: Uint8Array): string[] {
  const lines = linesOf(decodeText(bytes)).map(line => line.trim())
  while (lines.at(-1) === '') lines.pop()
  return lines
}
