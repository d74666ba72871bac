// Where onnxruntime-node keeps the shared library that its own binding runs on.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The library's file name on each platform that onnxruntime-node has one for. */
const NAMES: Readonly<Record<string, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
}

/** The library within the folder of the package; `undefined` where there is none for a platform. */
export function libraryWithin(platform: string, arch: string): readonly string[] | undefined {
  const name = NAMES[platform]
  return name === undefined ? undefined : ['bin', 'napi-v6', platform, arch, name]
}

/** The package of the binding as it is installed: its folder and its version. */
export function bindingPackage(): { readonly folder: string; readonly version: string } {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { folder: dirname(manifest), version }
}

/** The library of this process's platform; `undefined` where the package has none. */
export function libraryFile(folder: string): string | undefined {
  const within = libraryWithin(process.platform, process.arch)
  return within && join(folder, ...within)
}
