// Says which address was asked for, and which pages have a name like it.
import { nearestName } from '@ddlf/tensor/errors'
import { decoded } from './decoded.ts'

const MOST = 4

/** The words of an address that say what it is about: its last parts, without numbers of lines and endings. */
const wordsOf = (address: string) =>
  address
    .split('/')
    .filter(part => part !== '')
    .map(part => part.toLowerCase().replace(/\.(html?|ts)$/, ''))

const root = document.querySelector<HTMLElement>('[data-not-found]')
if (root) {
  const pages = JSON.parse(root.dataset['pages'] ?? '[]') as { readonly address: string; readonly title: string }[]
  const asked = decoded(location.pathname)
  const place = root.querySelector('[data-address]')
  if (place) place.textContent = asked
  const wanted = wordsOf(asked).at(-1) ?? ''
  const names = pages.map(page => ({ ...page, name: wordsOf(page.address).at(-1) ?? '' }))
  const nearest = nearestName(
    wanted,
    names.map(({ name }) => name),
  )
  const isLike = ({ name }: { readonly name: string }) =>
    wanted.length > 2 && (name.includes(wanted) || (name.length > 2 && wanted.includes(name)))
  const near = [
    ...names.filter(({ name }) => name === nearest),
    ...names.filter(page => page.name !== nearest && isLike(page)),
  ].slice(0, MOST)
  root.querySelector('[data-list]')?.replaceChildren(
    ...near.map(({ address, title }) => {
      const item = document.createElement('li')
      const link = document.createElement('a')
      link.href = address
      link.textContent = title
      item.append(link)
      return item
    }),
  )
  root.querySelector<HTMLElement>('[data-near]')?.toggleAttribute('hidden', near.length === 0)
  const search = root.querySelector<HTMLAnchorElement>('[data-search-link]')
  if (search && wanted !== '')
    search.href = `${root.dataset['search'] ?? ''}?q=${encodeURIComponent(wanted.replaceAll('-', ' '))}`
}
