// ddlf site: the course as static pages for any host.
import { resolve } from 'node:path'
import { formatDuration } from '../terminal/format.ts'
import { suggest } from '../terminal/command-line.ts'
import { buildSite } from '../site/build-site.ts'
import { siteFolder } from '../site/site-folder.ts'

/** How pages are opened that were just built: the lab serves its own folder at the root; others need a host. */
export const openingText = (base: string, out: string): string =>
  base === '/' && resolve(out) === resolve(siteFolder())
    ? `Open them on this machine:\n  ${suggest('lab')}`
    : `Next: serve this folder${base === '/' ? '' : ` below ${base}`} with any host of static files. ` +
      'From the disk, as file://, they do not work.'

/** Does what `ddlf site` is asked for. */
export async function siteAction({ base, out }: { base: string; out: string }): Promise<void> {
  const started = performance.now()
  await buildSite({ base, out: resolve(out) })
  console.log(`Built in ${formatDuration((performance.now() - started) / 1000)}: ${out}`)
  console.log(openingText(base, out))
}
