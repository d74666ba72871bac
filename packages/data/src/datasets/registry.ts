// Every published data set that the product knows, by id.
import { UserError, nearestName } from '@ddlf/tensor/errors'
import type { DatasetCard } from '../dataset.ts'
import { cifar10, cifar100 } from './cifar.ts'
import { cmudict, cmudictStdlib } from './cmudict.ts'
import { brown, mobyDick, sotu, spamAssassin } from './corpora.ts'
import { fashionMnist, kmnist, mnist } from './mnist.ts'
import { firstNames, names, namesByLanguage } from './names.ts'
import type { PublishedSet } from './published.ts'
import { agNews, imdb, mr, sst2, trec } from './sentences.ts'
import { tinyShakespeare } from './shakespeare.ts'
import { multi30k, tatoebaFrench, tatoebaSpanish } from './translation.ts'
import { analogies, men3000, simlex999, text8, wordsim353 } from './word-sets.ts'

/** All published sets: images first, then text. */
export const publishedSets: readonly PublishedSet[] = [
  mnist,
  fashionMnist,
  kmnist,
  cifar10,
  cifar100,
  names,
  firstNames,
  namesByLanguage,
  tinyShakespeare,
  sotu,
  mobyDick,
  brown,
  text8,
  spamAssassin,
  sst2,
  mr,
  trec,
  imdb,
  agNews,
  cmudict,
  cmudictStdlib,
  tatoebaFrench,
  tatoebaSpanish,
  multi30k,
  wordsim353,
  simlex999,
  men3000,
  analogies,
]

/** The cards of all published sets. */
export const datasetCards: readonly DatasetCard[] = publishedSets.map(({ card }) => card)

/**
 * A set by its id.
 * @throws UserError when there is no such set; the message names the nearest one
 */
export function publishedSet(id: string): PublishedSet {
  const found = publishedSets.find(({ card }) => card.id === id)
  if (found !== undefined) return found
  const ids = datasetCards.map(candidate => candidate.id)
  const near = nearestName(id, ids)
  throw new UserError({
    rule: `There is no data set named '${id}'.`,
    received: id,
    next:
      near === undefined
        ? `Use one of: ${ids.join(', ')}`
        : `did you mean '${near}'? All names: npm run ddlf -- data list`,
  })
}

/** The card of a set; see {@link publishedSet}. */
export const datasetCard = (id: string): DatasetCard => publishedSet(id).card

/**
 * Refuses a split that the card does not have.
 * @throws UserError with the names of the splits
 */
export function splitCard(card: DatasetCard, split: string) {
  const found = card.splits.find(candidate => candidate.name === split)
  if (found !== undefined) return found
  throw new UserError({
    rule: `The data set ${card.id} has no split named '${split}'.`,
    received: split,
    next: `Use one of: ${card.splits.map(candidate => candidate.name).join(', ')}`,
  })
}
