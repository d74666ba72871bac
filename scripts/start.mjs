// The main job: train Day 1's perceptron on MNIST and report.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../packages/cli/src/main.ts')
await main([...process.argv.slice(0, 2), 'train', 'mlp-on-mnist', ...process.argv.slice(2)])
