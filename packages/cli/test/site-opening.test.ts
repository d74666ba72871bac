// What `ddlf site` says of how to open the pages that it has built.
import { expect, it } from 'vitest'
import { openingText } from '../src/actions/site.ts'
import { siteFolder } from '../src/site/site-folder.ts'

it('the lab opens its own folder; any other place, or another base, needs a host', () => {
  expect(openingText('/', siteFolder())).toMatch(/^Open them on this machine:\n {2}\S.* lab$/)
  expect(openingText('/course/', siteFolder())).toContain('serve this folder below /course/ with any host')
  expect(openingText('/', '/srv/pages')).toMatch(/^Next: serve this folder with any host/)
})
