// The reference documents every entry of the packages, or says why it leaves one out.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ENTRIES, PACKAGES } from '../packages/site/src/build/reference/documented.ts'

/**
 * Entries that are small parts of others, for what must start quickly or load little, and their parts by themselves.
 */
const PARTS = [
  '@ddlf/tensor/no-telemetry', '@ddlf/data/escape-markup', '@ddlf/data/files-below', '@ddlf/data/make-folder',
  '@ddlf/lab/command-text',
  '@ddlf/lab/experiments', '@ddlf/lab/figure-document', '@ddlf/lab/graph-figure', '@ddlf/lab/metric',
  '@ddlf/lab/printable', '@ddlf/lab/study-figures', '@ddlf/lab/study-importance', '@ddlf/lab/read-typescript',
  '@ddlf/lab/runs',
  '@ddlf/lab/study-names', '@ddlf/lab/text-defaults', '@ddlf/lab/text-width',
]

describe.each(PACKAGES)('the entries of @ddlf/%s', name => {
  const { exports } = JSON.parse(
    readFileSync(new URL(`../packages/${name}/package.json`, import.meta.url), 'utf8'),
  ) as { readonly exports: Readonly<Record<string, string>> }

  it.each(Object.entries(exports))('%s', (entry, file) => {
    const address = `@ddlf/${name}${entry.slice(1)}`
    const path = `packages/${name}/${file.slice(2)}`
    expect(ENTRIES[path] === address || PARTS.includes(address), `${address} is in neither list`).toBe(true)
  })
})
