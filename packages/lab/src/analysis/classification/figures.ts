// The figures of classifiers; apart from the analyses, because Plot takes a while to load.
export * from './confusion-figure.ts'
export * from './reliability-figure.ts'
