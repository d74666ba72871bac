// Loaded into every process of a test by scripts/verify-test-runs.mjs: before a folder is removed, the runs in it are kept
// as hard links below KEEP_RUNS, each with the test that made it. Removing costs no more, and changes nothing for the test.
const fs = require('node:fs')
const { syncBuiltinESMExports } = require('node:module')
const path = require('node:path')

const { linkSync, lstatSync, mkdirSync, readdirSync, symlinkSync, readlinkSync, writeFileSync, copyFileSync } = fs
const keep = process.env['KEEP_RUNS']
let count = 0

/** The file and the name of the test that is under way, where this process runs one. */
function testUnderWay() {
  const { filepath, current } = globalThis.__vitest_worker__ ?? {}
  const names = []
  for (let task = current; task && task.name !== ''; task = task.suite) names.unshift(task.name)
  return { file: filepath ? path.relative(process.cwd(), filepath) : 'a process that a test started', test: names.join(' > ') }
}

/** The same tree of hard links; links and what else is no file stay what they are, or are left out. */
function linkTree(from, to) {
  mkdirSync(to, { recursive: true })
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
    try {
      if (entry.isDirectory()) linkTree(source, target)
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target)
      else if (entry.isFile()) linkSync(source, target)
    } catch (error) {
      // Another device, or gone meanwhile.
      if (error.code === 'EXDEV') copyFileSync(source, target)
    }
  }
}

/** Keeps every run below a folder: `<root>/<experiment>/<id>` with a run.json. */
function keepRuns(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
  if (entries.some(({ name }) => name === 'run.json')) {
    const place = path.join(keep, `${process.pid}-${count++}`)
    const [experiment, id] = folder.split(path.sep).slice(-2)
    linkTree(folder, path.join(place, 'runs', experiment, id))
    writeFileSync(path.join(place, 'test.json'), JSON.stringify({ ...testUnderWay(), folder }))
    return
  }
  for (const entry of entries) if (entry.isDirectory() && entry.name !== 'node_modules') keepRuns(path.join(folder, entry.name))
}

/** Never in the way of a test: what cannot be kept is removed all the same. */
function before(folder) {
  try {
    const place = path.resolve(String(folder))
    if (lstatSync(place).isDirectory()) keepRuns(place)
  } catch {
    // Gone, or no folder.
  }
}

if (keep) {
  const { rmSync, rm, promises } = fs
  const promisedRm = promises.rm
  fs.rmSync = (folder, options) => {
    before(folder)
    return rmSync(folder, options)
  }
  fs.rm = (folder, ...more) => {
    before(folder)
    return rm(folder, ...more)
  }
  promises.rm = (folder, options) => {
    before(folder)
    return promisedRm(folder, options)
  }
  syncBuiltinESMExports()
}
