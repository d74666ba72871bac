// What of ours stands beside what others published for Days 7-10, and what was not run.
import type { PublishedRow } from '../../topic.ts'

/** Of 12 passes over 6,000 digits: 6 operations a weight and digit. @param layers dense layers a block */
const denseFlop = (depth: number, layers: 1 | 2) => 6 * 72e3 * (784 * 50 + depth * layers * 50 * 50 + 50 * 10)
const TEST_DIGITS = 'judged on all 10,000 test digits instead of 2,000'

export const comparisons: readonly PublishedRow[] = [
  {
    id: 'he-2015-degradation', experiment: 'depth-on-cifar-10', worse: 'plain-56', better: 'plain-20',
    comparable: 'shorter schedule', note: '100 steps instead of 64,000',
  },
  {
    id: 'he-2015-shortcuts', experiment: 'depth-on-cifar-10', worse: 'plain-56', better: 'resnet-56',
    comparable: 'shorter schedule', note: '100 steps instead of 64,000',
  },
  {
    id: 'he-2015-degradation', experiment: 'depth-on-cifar-10', worse: 'longer-plain-56', better: 'longer-plain-20',
    comparable: 'shorter schedule', flop: 2.5e14, note: '5 epochs of 164, the cost for one seed of both',
  },
  {
    id: 'he-2015-shortcuts', experiment: 'depth-on-cifar-10', worse: 'longer-plain-56', better: 'longer-resnet-56',
    comparable: 'shorter schedule', flop: 2.5e14, note: '5 epochs of 164, the cost for one seed of both',
  },
  {
    id: 'srivastava-2015-depth', experiment: 'highway-on-mnist', worse: 'plain-50', better: 'gate-50',
    flop: denseFlop(50, 1) + denseFlop(50, 2), note: 'tanh units, a tenth of the digits, Adam',
  },
  ...[5, 10, 20, 30, 50].flatMap(depth => [
    {
      id: `problems-plain-${depth}`, experiment: 'highway-on-mnist', arm: `plain-${depth}`,
      flop: denseFlop(depth, 1), note: TEST_DIGITS,
    },
    {
      id: `problems-highway-${depth}`, experiment: 'highway-on-mnist', arm: `gate-${depth}`,
      flop: denseFlop(depth, 2), note: TEST_DIGITS,
    },
  ]),
  { id: 'he-2015-resnet-20', experiment: 'resnet-on-cifar-10', note: '45 epochs, one cycle; 2.0e15 FLOP in full' },
  {
    id: 'he-2015-resnet-20', experiment: 'resnet-on-cifar-10', arm: 'paper', comparable: 'same protocol', flop: 2.0e15,
    note: 'the schedule of the paper, one seed',
  },
  { id: 'he-2015-resnet-32', flop: 3.4e15 },
  { id: 'he-2015-resnet-44', flop: 4.8e15 },
  { id: 'he-2015-resnet-56', flop: 6.2e15 },
  { id: 'he-2015-resnet-110', flop: 1.2e16 },
  { id: 'akamaster-resnet-20', experiment: 'resnet-on-cifar-10', note: '45 epochs, last epoch; 2.4e15 FLOP in full' },
  { id: 'akamaster-resnet-32', flop: 4.1e15 },
  { id: 'akamaster-resnet-44', flop: 5.8e15 },
  { id: 'akamaster-resnet-56', flop: 7.5e15 },
  { id: 'akamaster-resnet-110', flop: 1.5e16 },
  { id: 'kuangliu-resnet18', flop: 3.3e16, note: '200 epochs' },
  { id: 'kuangliu-preactresnet18', flop: 3.3e16, note: '200 epochs, counted for ResNet-18; the net is not written' },
  { id: 'weiaicunzai-vgg16-bn', flop: 1.9e16, note: '200 epochs' },
  { id: 'weiaicunzai-resnet18', flop: 3.3e16, note: '200 epochs' },
  { id: 'weiaicunzai-resnet34', flop: 7.0e16, note: '200 epochs' },
  { id: 'weiaicunzai-googlenet', flop: 9.1e16, note: '200 epochs' },
  { id: 'airbench94', experiment: 'fast-net-on-cifar-10', note: '10 epochs of 500, at half the rate a step' },
  { id: 'airbench94-muon', flop: 2.8e14, note: '8 epochs; its optimizer is not built' },
]
