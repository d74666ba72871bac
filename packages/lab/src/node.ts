// The laboratory's Node entry: what needs files, processes or the network.
export * from './runs/node.ts'
export { figureDocument } from './plots/figure-document-node.ts'
