// What the bundler makes importable.
declare module '*.astro' {
  const component: (props: Record<string, unknown>) => unknown
  export default component
}

/** The address of a file of weights. */
declare module '*.bin?url' {
  const address: string
  export default address
}

/** What the packages export: `build/reference/reference-module.ts` reads it. */
declare module 'virtual:reference' {
  // An ambient module cannot import by a relative path otherwise.
  // eslint-disable-next-line @typescript-eslint/consistent-type-imports -- an import would end the globals
  const reference: readonly import('./build/reference/documented.ts').Documented[]
  export default reference
}
