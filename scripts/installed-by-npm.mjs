// Whether npm has installed the locked packages already: `npm ci` after a clone leaves a list of what it installed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a package says that it is for this system: `['linux']`, or `['!win32']` for all others. */
const isFor = (listed, own) =>
  listed === undefined ||
  (listed.every(one => one.startsWith('!')) ? !listed.includes(`!${own}`) : listed.includes(own))

/**
 * Whether the folder holds just what its lock names: every package that is not left to the system, none of another
 * content, none for another system.
 */
export function isInstalledByNpm(root, { platform, arch } = process) {
  const list = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(list)) return false
  const packagesOf = file => JSON.parse(readFileSync(file, 'utf8')).packages
  const [there, locked] = [packagesOf(list), packagesOf(join(root, 'package-lock.json'))]
  const isSame = place => there[place] !== undefined && there[place].integrity === locked[place]?.integrity
  const needed = Object.keys(locked).filter(place => place.includes('node_modules/') && !locked[place].optional)
  return (
    needed.every(isSame) &&
    Object.entries(there).every(
      ([place, { os, cpu }]) => locked[place] !== undefined && isSame(place) && isFor(os, platform) && isFor(cpu, arch),
    )
  )
}
