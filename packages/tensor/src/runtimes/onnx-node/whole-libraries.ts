// Checks the native libraries of the binding before it is loaded.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { bindingPackage, libraryFile } from './c-api/library-file.ts'
import { requireWholeFile } from './whole-file.ts'

const library = libraryFile(bindingPackage().folder)
if (library !== undefined) {
  for (const file of [library, join(dirname(library), 'onnxruntime_binding.node')]) {
    if (existsSync(file)) requireWholeFile(file)
  }
}
