// Every published data set that the product knows, by id.
import { UserError, nearestName } from '@ddlf/tensor/errors'
import type { DatasetCard } from '../dataset.ts'
import { fashionMnist, kmnist, mnist } from './mnist.ts'

/** The cards of all published sets, in the order of the course. */
export const datasetCards: readonly DatasetCard[] = [mnist, fashionMnist, kmnist]

/**
 * The card of a set.
 * @throws {UserError} when there is no such set; the message names the nearest one
 */
export function datasetCard(id: string): DatasetCard {
  const card = datasetCards.find(candidate => candidate.id === id)
  if (card !== undefined) return card
  const ids = datasetCards.map(candidate => candidate.id)
  const near = nearestName(id, ids)
  throw new UserError({
    rule: `There is no data set named '${id}'.`,
    received: id,
    next: near === undefined ? `use one of: ${ids.join(', ')}` : `did you mean '${near}'? All names: ddlf data list`,
  })
}

/**
 * Refuses a split that the card does not have.
 * @throws {UserError} with the names of the splits
 */
export function splitCard(card: DatasetCard, split: string) {
  const found = card.splits.find(candidate => candidate.name === split)
  if (found !== undefined) return found
  throw new UserError({
    rule: `The data set ${card.id} has no split named '${split}'.`,
    received: split,
    next: `use one of: ${card.splits.map(candidate => candidate.name).join(', ')}`,
  })
}
