// ddlf site: the course as static pages for any host.
import { resolve } from 'node:path'
import { formatDuration } from '../terminal/format.ts'
import { buildSite } from '../site/build-site.ts'

/** Does what `ddlf site` is asked for. */
export async function siteAction({ base, out }: { base: string; out: string }): Promise<void> {
  const started = performance.now()
  await buildSite({ base, out: resolve(out) })
  console.log(`Built in ${formatDuration((performance.now() - started) / 1000)}: ${out}`)
}
