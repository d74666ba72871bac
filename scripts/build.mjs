// Builds the packages that can be installed: `npm run build` writes each into dist/packages/<folder> as ESM with type
// declarations and source maps, its sources, and the package.json that it is published with. With --pack there are
// tarballs, too.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Packages in the order in which they build on each other: their folders, and where their sources lie in them. */
const PACKAGES = [
  { folder: 'packages/tensor', sources: 'src' },
  { folder: 'packages/nn', sources: 'src' },
  { folder: 'packages/data', sources: 'src' },
  { folder: 'packages/lab', sources: 'src' },
  { folder: 'course', sources: '.' },
  { folder: 'packages/cli', sources: 'src' },
]

/** What builds the pages: Astro compiles its sources where they are installed. */
const SITE = { folder: 'packages/site', parts: ['src', 'public', 'astro.config.ts'] }

const HELP = `npm run build                              packages for npm, into dist/packages
npm run build -- --pack                    and their tarballs, into dist/tarballs
npm run build -- --pack --out <folder>     into another folder than dist`

/** Where a package is written, below the folder of all. */
const nameOf = ({ folder }) => folder.split('/').at(-1)

/** What is no part of a package; learners get the files of exercises as they are. */
const APART = /(^|\/)(test|node_modules|exercises\/holes|exercises\/answers)\/|\.test\.ts$/

/** The TypeScript files that become a package. */
const sourcesOf = ({ folder, sources }) =>
  readdirSync(join(root, folder, sources), { recursive: true, encoding: 'utf8' })
    .map(name => name.split('\\').join('/'))
    .filter(name => name.endsWith('.ts') && !APART.test(name))
    .map(name => join(root, folder, sources, name))

/** `./x.ts` as it is called once it is built. */
const built = address => address.replace(/\.ts$/, '.js')

/** Turns `new URL('./x.ts', import.meta.url)`, the address of a worker's file, into that of the built file. */
const builtWorkers = context => file => {
  const { factory } = context
  const visit = node => {
    if (ts.isNewExpression(node) && node.expression.getText(file) === 'URL' && node.arguments?.length === 2) {
      const [address, base] = node.arguments
      const isRelative = ts.isStringLiteral(address) && /^\.{0,2}[\w./-]+\.ts$/.test(address.text)
      if (isRelative && ts.isPropertyAccessExpression(base) && ts.isMetaProperty(base.expression)) {
        const literal = factory.createStringLiteral(built(address.text), true)
        return factory.updateNewExpression(node, node.expression, undefined, [literal, base])
      }
    }
    return ts.visitEachChild(node, visit, context)
  }
  return ts.visitNode(file, visit)
}

/** Relative addresses in a declaration file. */
const DECLARED = /((?:\bfrom|\bimport\(|\bimport|\bdeclare module)\s*(['"]))(\.{1,2}\/[^'"\n]+)(?=\2)/g

/** A declaration file that names built files; throws where it leaves its package. */
function builtDeclarations(text, place, top) {
  return text.replace(DECLARED, (_, before, _quote, address) => {
    if (relative(top, resolve(dirname(place), address)).startsWith('..'))
      throw new Error(`${place} reaches out of its package: ${address}`)
    return before + built(address)
  })
}

/** A source map that names the source as it lies in the package: `dist/ops/a.js.map` maps `src/ops/a.ts`. */
function builtMap(text, within) {
  const { sourcesContent: _, ...map } = JSON.parse(text)
  const source = join(relative(dirname(within), '.'), '..', 'src', within.replace(/(\.d)?\.(js|ts)\.map$/, '.ts'))
  return JSON.stringify({ ...map, sources: [source.split('\\').join('/')], sourceRoot: '' })
}

/** Compiles all packages at once; what is written where is told by the folder of the source. */
function compile(out) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['-'] }, ts.sys, root)
  const emitted = join(out, '.emitted')
  const program = ts.createProgram(PACKAGES.flatMap(sourcesOf), {
    ...options,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    rewriteRelativeImportExtensions: true,
    rootDir: root,
    outDir: emitted,
    noEmit: false,
    // `npm run typecheck` checks.
    noCheck: true,
    declaration: true,
    declarationMap: true,
    sourceMap: true,
  })
  const write = (file, text) => {
    const path = relative(emitted, file).split('\\').join('/')
    const of = PACKAGES.find(({ folder }) => path.startsWith(`${folder}/`))
    if (of === undefined) throw new Error(`${path} is of no package.`)
    const within = relative(join(of.folder, of.sources), path)
    const top = join(out, nameOf(of), 'dist')
    const place = join(top, within)
    mkdirSync(dirname(place), { recursive: true })
    if (place.endsWith('.d.ts')) writeFileSync(place, builtDeclarations(text, place, top))
    else if (place.endsWith('.map')) writeFileSync(place, builtMap(text, within))
    else writeFileSync(place, text)
  }
  const { diagnostics } = program.emit(undefined, write, undefined, false, { before: [builtWorkers] })
  if (diagnostics.length === 0) return
  const host = { getCanonicalFileName: name => name, getCurrentDirectory: () => root, getNewLine: () => '\n' }
  throw new Error(ts.formatDiagnostics(diagnostics, host))
}

const readJson = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'))

/** What the manifests of a checkout have and those of published packages have not. */
function published(folder) {
  const { private: _, scripts: _scripts, devDependencies: _dev, publishConfig = {}, exports = {}, ...manifest } =
    readJson(folder, 'package.json')
  return { manifest: { ...manifest, engines: readJson('package.json').engines }, publishConfig, exports }
}

/** The package.json that a package is published with: its entries are the built files. */
function publishedManifest({ folder, sources }) {
  const { manifest, publishConfig, exports } = published(folder)
  const place = entry => `./dist/${relative(sources, entry).split('\\').join('/').replace(/\.ts$/, '')}`
  const entries = Object.fromEntries(Object.entries(exports).map(([name, entry]) =>
    [name, { types: `${place(entry)}.d.ts`, default: `${place(entry)}.js` }]))
  return {
    ...manifest,
    exports: { ...entries, './package.json': './package.json' },
    ...(entries['.'] && { main: entries['.'].default, types: entries['.'].types }),
    ...publishConfig,
    files: ['dist', 'src', ...(folder === 'course' ? ['AUTHORING.md'] : [])],
  }
}

const writeManifest = (to, manifest) =>
  writeFileSync(join(to, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

/** The documents of a package. */
function copyDocuments(folder, to) {
  cpSync(join(root, 'LICENSE'), join(to, 'LICENSE'))
  for (const name of ['README.md', 'AUTHORING.md']) {
    if (existsSync(join(root, folder, name))) cpSync(join(root, folder, name), join(to, name))
  }
}

/** The sources, for debuggers and for the pages that show them. */
function copySources({ folder, sources }, to) {
  const top = join(root, folder, sources)
  cpSync(top, join(to, 'src'), {
    recursive: true,
    filter: file => !/^(test|node_modules|package\.json|\w+\.md)(\/|$)|\.test\.ts$/
      .test(relative(top, file).split('\\').join('/')),
  })
}

/**
 * What stands beside the compiled files of the course: memos, results, and exercises, which learners get as they are.
 */
function copyCourse(to) {
  cpSync(join(root, 'course', 'topics'), join(to, 'dist', 'topics'), {
    recursive: true,
    filter: source => !/\.ts$/.test(source) || /\/exercises\/(holes|answers)\//.test(source.split('\\').join('/')),
  })
}

/** Writes the package that builds the pages. @returns its folder */
function copySite(out) {
  const to = join(out, nameOf(SITE))
  mkdirSync(to, { recursive: true })
  for (const part of SITE.parts) cpSync(join(root, SITE.folder, part), join(to, part), { recursive: true })
  const config = name => ts.readConfigFile(join(root, name), ts.sys.readFile).config
  const { extends: _, compilerOptions, ...rest } = config(join(SITE.folder, 'tsconfig.json'))
  const options = { ...config('tsconfig.base.json').compilerOptions, ...compilerOptions }
  writeFileSync(join(to, 'tsconfig.json'), `${JSON.stringify({ compilerOptions: options, ...rest }, null, 2)}\n`)
  const exports = { './package.json': './package.json' }
  writeManifest(to, { ...published(SITE.folder).manifest, exports, files: [...SITE.parts, 'tsconfig.json'] })
  copyDocuments(SITE.folder, to)
  return to
}

/** Builds all packages into a folder, which is emptied before. @returns the folders of the packages */
function buildPackages(out) {
  rmSync(out, { recursive: true, force: true })
  compile(out)
  const built = PACKAGES.map(each => {
    const to = join(out, nameOf(each))
    writeManifest(to, publishedManifest(each))
    copyDocuments(each.folder, to)
    copySources(each, to)
    if (each.folder === 'course') copyCourse(to)
    return to
  })
  return [...built, copySite(out)]
}

/** Packs folders into tarballs. @returns their paths */
function packTarballs(folders, to) {
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  const npm = process.env.npm_execpath
  const [program, ...before] = npm === undefined ? ['npm'] : [process.execPath, npm]
  const args = [...before, 'pack', ...folders, '--pack-destination', to, '--json', '--ignore-scripts']
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 })
  if (status !== 0) throw new Error(`npm pack failed.\n${stderr}`)
  return JSON.parse(stdout).map(({ filename }) => join(to, filename))
}

/** Reads the arguments; ends the process where they mean nothing. */
function readArguments(given) {
  const [pack, at] = [given.includes('--pack'), given.indexOf('--out')]
  const out = at < 0 ? join(root, 'dist') : resolve(given[at + 1] ?? '')
  const isKnown = given.every((word, i) => word === '--pack' || word === '--out' || (at >= 0 && i === at + 1))
  const isFree = at < 0 || !existsSync(out) || readdirSync(out).length === 0
  const isNamed = at < 0 || given[at + 1] !== undefined
  if (isKnown && isFree && isNamed) return { pack, out }
  const received = isFree ? given.join(' ') : `${given.join(' ')}: the folder is not empty`
  console.error(`The build knows --pack, and --out with an empty folder.\n  Received: ${received}\n  Next:\n${HELP}`)
  process.exit(1)
}

if (process.argv.includes('--help')) {
  console.log(HELP)
} else {
  const { pack, out } = readArguments(process.argv.slice(2))
  const started = performance.now()
  const folders = buildPackages(join(out, 'packages'))
  const made = pack ? packTarballs(folders, join(out, 'tarballs')) : folders
  for (const place of made) console.log(relative('', place))
  console.log(`Built in ${((performance.now() - started) / 1000).toFixed(0)} s.`)
}
