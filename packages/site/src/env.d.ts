// What the bundler makes importable.
declare module '*.astro' {
  const component: (props: Record<string, unknown>) => unknown
  export default component
}
