// The main job: train Day 1's perceptron on MNIST, report, and, in a terminal, open the lab with that run and the
// memos.
// `--serve` opens it without a terminal too, `--no-serve` leaves it out; other arguments go to the training.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../packages/cli/src/main.ts')
const [node, script, ...given] = process.argv
const serve = given.includes('--serve') || (!given.includes('--no-serve') && process.stdout.isTTY && !process.env.CI)
await main([
  node,
  script,
  'train',
  'mlp-on-mnist',
  ...given.filter(argument => argument !== '--serve' && argument !== '--no-serve'),
])
if (serve && process.exitCode === undefined) {
  console.log('')
  await main([node, script, 'lab'])
}
