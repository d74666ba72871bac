// Whether npm has installed the locked packages already: `npm ci` after a clone leaves a list of what it installed.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Whether a package says that it is for this system: `['linux']`, or `['!win32']` for all others. */
const isFor = (listed, own) =>
  listed === undefined ||
  (listed.every(one => one.startsWith('!')) ? !listed.includes(`!${own}`) : listed.includes(own))

/** The C library of a Linux system, as packages name it; undefined elsewhere. */
const ownLibc = () =>
  process.platform !== 'linux'
    ? undefined
    : process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'

/**
 * Whether the folder holds just what its lock names: every package that is not left to the system, every native part
 * for this one, none of another content, none for another system.
 */
export function isInstalledByNpm(root, { platform, arch, libc = ownLibc() } = process) {
  const list = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(list)) return false
  const packagesOf = file => JSON.parse(readFileSync(file, 'utf8')).packages
  const [there, locked] = [packagesOf(list), packagesOf(join(root, 'package-lock.json'))]
  const isSame = place => there[place] !== undefined && there[place].integrity === locked[place]?.integrity
  const isOwn = one => isFor(one.os, platform) && isFor(one.cpu, arch) && isFor(one.libc, libc)
  // `npm ci --omit=optional` leaves the native parts out, without which nothing computes. An optional package that
  // names no system belongs to such a part, or to none.
  const isNeeded = one => !one.optional || ((one.os ?? one.cpu) !== undefined && isOwn(one))
  const needed = Object.keys(locked).filter(place => place.includes('node_modules/') && isNeeded(locked[place]))
  return (
    needed.every(isSame) &&
    Object.entries(there).every(([place, one]) => locked[place] !== undefined && isSame(place) && isOwn(one))
  )
}
