// Lint rules. The import table of ARCHITECTURE.md is enforced through each package's declared dependencies.
import node from 'eslint-plugin-n'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['**/node_modules/**', '**/dist/**', 'runs/**', '**/generated/**', 'packages/site/.astro/**', 'packages/site/astro.config.ts'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { n: node },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'course/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: { 'n/no-extraneous-import': 'error' },
  },
  {
    files: ['packages/{cli,data,lab}/src/**/*.ts'],
    ignores: ['packages/data/src/make-folder.ts'],
    rules: {
      'no-restricted-syntax': ['error', {
        selector: 'CallExpression[callee.name=/^mkdir(Sync)?$/], CallExpression[callee.property.name=/^mkdir(Sync)?$/]',
        message: 'It says ENOENT of a read-only file system: take makeFolder of @ddlf/data/make-folder.',
      }],
    },
  },
  {
    files: ['packages/cli/src/**/*.ts'],
    ignores: ['packages/cli/src/terminal/{colour,confirm,live}.ts'],
    rules: {
      'no-restricted-imports': ['error',
        { name: 'picocolors', message: 'It colours what CI redirects: take terminal/colour.ts.' },
        { name: '@clack/prompts', message: 'Its cursor movements would be written out: take terminal/confirm.ts.' },
        { name: 'log-update', message: 'Its cursor movements would be written out: take terminal/live.ts.' },
      ],
    },
  },
  {
    files: ['{bench,course,test,packages}/**/*.{ts,tsx}', 'scripts/*.mjs'],
    rules: { 'max-len': ['error', { code: 120, ignoreUrls: true }] },
  },
  // What a message says is expected whole.
  {
    files: ['**/test/**/*.ts'],
    rules: { 'max-len': ['error', { code: 120, ignoreUrls: true, ignoreRegExpLiterals: true }] },
  },
  {
    files: ['packages/*/src/**/*.ts', 'course/**/*.ts'],
    rules: { 'max-lines': ['error', 450], 'max-lines-per-function': ['error', 80] },
  },
  // Longer on purpose: a report in the order in which it is read; the closure that holds a batch's buffers, and that of
  // a page's training; a table of published results.
  {
    files: [
      'packages/lab/src/plots/analysis-report.ts', 'packages/data/src/batches.ts', 'course/topics/*/published.ts',
      'packages/site/src/islands/train-now.ts',
    ],
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
  },
  { files: ['**/test/**/*.ts', '**/*.test.ts'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
)
