// Steps of several phases and parameters in groups: against PyTorch over 20 steps, and what a phase may see and change.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  add,
  differentiate,
  flopOf,
  mean,
  mul,
  neg,
  ones,
  referenceRuntime,
  relu,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  tanh,
  topologicalOrder,
  zeros,
  type Runtime,
  type Tensor,
  type TypedArray,
} from '@ddlf/tensor'
import { onnxNodeRuntime } from '@ddlf/tensor/node'
import { onnxWebRuntime } from '@ddlf/tensor/browser'
import {
  adam,
  adamW,
  BatchNorm1d,
  binaryCrossEntropyWithLogits,
  isBiasOrNorm,
  LayerNorm,
  Linear,
  meanSquaredError,
  namedParameters,
  randomUniform,
  sgd,
  trainingStep,
  type Phase,
  type TrainingStep,
} from '../src/index.ts'

interface Run {
  losses: number[] | [number, number][]
  penalties?: number[]
  final: Record<string, number[]>
}
const golden = JSON.parse(readFileSync(new URL('golden/phases.json', import.meta.url), 'utf8')) as {
  steps: number
  batch: number
} & Record<'gan' | 'wgan_gp' | 'groups', Run>
const { steps: STEPS, batch: BATCH } = golden

/** The numbers that phases.py makes too. */
const wave = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => 0.5 * Math.sin(1.3 * i + phase))

/** Gives a model the weights of phases.py: by their place, those of normalisations around 1. */
function filled<M extends object>(model: M): M {
  for (const [k, [name, parameter]] of [...namedParameters(model)].entries()) {
    const values = wave(parameter.size, k)
    parameter.leaf!.data!.set(name.endsWith('norm.weight') ? values.map(value => 1 + value) : values)
  }
  return model
}

class Generator {
  readonly hidden = new Linear(2, 8)
  readonly out = new Linear(8, 3)
  forward = (z: Tensor) => this.out.forward(tanh(this.hidden.forward(z)))
}

class Critic {
  readonly hidden = new Linear(3, 8)
  readonly deep = new Linear(8, 8)
  readonly out = new Linear(8, 1)
  forward = (x: Tensor) => this.out.forward(relu(this.deep.forward(softplus(this.hidden.forward(x)))))
}

class Pair {
  readonly generator = new Generator()
  readonly critic = new Critic()
}

const SHAPES = { x: 3, z1: 2, z2: 2, mix: 1, y: 2 } as const
const PHASES = { x: 10, z1: 20, z2: 30, mix: 40, y: 50 } as const
type Column = keyof typeof SHAPES
const columns = Object.fromEntries(
  Object.entries(SHAPES).map(([name, size]) => [name, { shape: [BATCH, size] }]),
) as Record<Column, { shape: number[] }>

const concatenated = (parts: Float32Array[]) => Float32Array.from(parts.flatMap(part => [...part]))

/** Takes all steps, `perRun` of them in one call; the learning rates by the name of the input that they are fed to. */
async function train(program: TrainingStep, runtime: Runtime, rates: Record<string, number>, perRun = 5) {
  const executable = await runtime.compileSteps(program)
  let state: TypedArray[] = program.state.map(({ data }) => data.slice())
  const reported: number[][] = program.reported.map(() => [])
  for (let start = 0; start < STEPS; start += perRun) {
    const steps = Array.from({ length: perRun }, (_, i) => start + i)
    const fresh = program.fresh.map(({ name }): TypedArray => {
      if (name === 'step') return Float32Array.from(steps, step => step + 1)
      if (name === 'randomKey') return Int32Array.from(steps.flatMap(step => [step, 7]))
      const rate = rates[name]
      if (rate !== undefined) return new Float32Array(perRun).fill(rate)
      return concatenated(steps.map(step => wave(BATCH * SHAPES[name as Column], PHASES[name as Column] + 0.7 * step)))
    })
    const next = state.map(data => data.slice())
    const values = await executable.run(state, next, fresh, perRun)
    values.forEach((list, i) => reported[i]!.push(...list))
    state = next
  }
  await executable.release()
  return {
    reported: Object.fromEntries(program.reported.map((name, i) => [name, reported[i]!])),
    state: Object.fromEntries(program.state.map(({ name }, i) => [name, [...state[i]!]])),
  }
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  const scale = Math.max(...expected.map(Math.abs), 1e-3)
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / scale).toBeLessThan(tolerance)
}

function expectRun(
  { reported, state }: Awaited<ReturnType<typeof train>>,
  run: Run,
  names: readonly string[],
  tolerance: number,
): void {
  names.forEach((name, k) =>
    expectClose(
      reported[name]!,
      run.losses.map(loss => (typeof loss === 'number' ? loss : loss[k]!)),
      tolerance,
    ),
  )
  for (const [name, values] of Object.entries(run.final)) expectClose(state[name]!, values, tolerance)
}

const ganPhases: readonly Phase<Pair, Column>[] = [
  {
    name: 'critic',
    trains: name => name.startsWith('critic.'),
    optimizer: adam({ beta1: 0.5 }),
    loss({ generator, critic }, { x, z1 }) {
      const [real, fake] = [critic.forward(x), critic.forward(generator.forward(z1).detach())]
      return {
        loss: add(
          binaryCrossEntropyWithLogits(real, ones(real.shape)),
          binaryCrossEntropyWithLogits(fake, zeros(fake.shape)),
        ),
      }
    },
  },
  {
    name: 'generator',
    trains: name => name.startsWith('generator.'),
    optimizer: adam({ beta1: 0.5 }),
    loss({ generator, critic }, { z2 }) {
      const logits = critic.forward(generator.forward(z2))
      return { loss: binaryCrossEntropyWithLogits(logits, ones(logits.shape)) }
    },
  },
]
const gan = (model = filled(new Pair())) => trainingStep<Pair, Column>({ model, batch: columns, phases: ganPhases })
const GAN_RATES = { 'critic.learningRate': 0.02, 'generator.learningRate': 0.01 }

/** (|slope of the critic between real and generated| - 1)^2. */
function gradientPenalty({ generator, critic }: Pair, { x, z1, mix }: Record<Column, Tensor>): Tensor {
  const share = add(mix, 0.5)
  const between = add(mul(share, x), mul(sub(1, share), generator.forward(z1).detach()))
  const [slope] = differentiate(sum(critic.forward(between)), [between]) as [Tensor]
  return mean(square(sub(sqrt(add(sum(square(slope), { axes: 1 }), 1e-12)), 1)))
}

const wganGp = () =>
  trainingStep<Pair, Column>({
    model: filled(new Pair()),
    batch: columns,
    phases: [
      {
        name: 'critic',
        trains: name => name.startsWith('critic.'),
        optimizer: adam({ beta1: 0, beta2: 0.9 }),
        loss(pair, batch) {
          const fake = pair.critic.forward(pair.generator.forward(batch.z1).detach())
          const penalty = gradientPenalty(pair, batch)
          return {
            loss: add(sub(mean(fake), mean(pair.critic.forward(batch.x))), mul(penalty, 10)),
            metrics: { penalty },
          }
        },
      },
      {
        name: 'generator',
        trains: name => name.startsWith('generator.'),
        optimizer: adam({ beta1: 0, beta2: 0.9 }),
        every: 5,
        loss: ({ generator, critic }, { z2 }) => ({ loss: neg(mean(critic.forward(generator.forward(z2)))) }),
      },
    ],
  })

class Regressor {
  readonly hidden = new Linear(3, 8)
  readonly norm = new LayerNorm(8)
  readonly head = new Linear(8, 2)
  forward = (x: Tensor) => this.head.forward(tanh(this.norm.forward(this.hidden.forward(x))))
}

const regression = (groups: Phase<Regressor, 'x' | 'y'>['groups']) =>
  trainingStep<Regressor, 'x' | 'y'>({
    model: filled(new Regressor()),
    batch: { x: columns.x, y: columns.y },
    optimizer: adamW({ weightDecay: 0.1 }),
    ...(groups && { groups }),
    loss: (model, { x, y }) => ({ loss: meanSquaredError(model.forward(x), y) }),
  })

describe('20 steps as in PyTorch', () => {
  it.each([
    ['native', () => onnxNodeRuntime({ threads: 2 }), 2e-4],
    ['reference', () => referenceRuntime, 2e-4],
    ['WebAssembly', () => onnxWebRuntime(), 2e-4],
  ] as const)(
    'a generator and a critic with an optimizer each, the generator against the updated critic: %s',
    async (_, runtime, tolerance) => {
      expectRun(await train(gan(), runtime(), GAN_RATES), golden.gan, ['critic.loss', 'generator.loss'], tolerance)
    },
  )

  it('a critic with a gradient penalty, updated five times as often as the generator', async () => {
    const run = await train(wganGp(), onnxNodeRuntime({ threads: 2 }), {
      'critic.learningRate': 0.005,
      'generator.learningRate': 0.01,
    })
    expectRun(run, golden.wgan_gp, ['critic.loss'], 1e-3)
    const due = (_: unknown, i: number) => (i + 1) % 5 === 0
    expectClose(
      run.reported['generator.loss']!.filter(due),
      golden.wgan_gp.losses.map(loss => (loss as [number, number])[1]).filter(due),
      1e-3,
    )
    expectClose(run.reported['critic.penalty']!, golden.wgan_gp.penalties!, 1e-3)
  })

  it('groups with a rate, a decay and betas of their own: by a function or a list, the first that fits', async () => {
    const program = regression([
      { parameters: ['head.weight', 'head.bias'], rate: 0.1, beta1: 0.8, beta2: 0.95, weightDecay: 0.5 },
      { parameters: isBiasOrNorm, weightDecay: 0 },
    ])
    expectRun(
      await train(program, onnxNodeRuntime({ threads: 2 }), { learningRate: 0.02 }),
      golden.groups,
      ['loss'],
      2e-4,
    )
  })
})

describe('a step of phases', () => {
  it('names its state, what is fed and what is reported after its phases', () => {
    const program = wganGp()
    expect(program.fresh.map(({ name }) => name)).toEqual([
      ...Object.keys(columns),
      'critic.learningRate',
      'generator.learningRate',
      'step',
      'randomKey',
    ])
    expect(program.reported).toEqual(['critic.loss', 'critic.penalty', 'generator.loss'])
    expect(
      program.state
        .filter(({ kind }) => kind === 'slot')
        .map(({ name }) => name)
        .filter((_, i) => i % 6 === 0),
    ).toEqual([
      'critic.firstMoment/critic.hidden.weight',
      'critic.secondMoment/critic.hidden.weight',
      'generator.firstMoment/generator.hidden.weight',
      'generator.secondMoment/generator.out.weight',
    ])
    expect(program.phases).toEqual([
      { name: 'critic', every: 1, learningRate: 'critic.learningRate', reported: ['critic.loss', 'critic.penalty'] },
      { name: 'generator', every: 5, learningRate: 'generator.learningRate', reported: ['generator.loss'] },
    ])
  })

  it('leaves all of a phase as it is where it rests: parameters, slots and buffers', async () => {
    class Two {
      readonly norm = new BatchNorm1d(3)
      readonly own = new Linear(3, 1)
    }
    const program = trainingStep<Two, 'x'>({
      model: filled(new Two()),
      batch: { x: columns.x },
      phases: [
        {
          name: 'often',
          trains: ['own.weight', 'own.bias'],
          optimizer: sgd(),
          loss: ({ own }, { x }) => ({ loss: mean(square(own.forward(x))) }),
        },
        {
          name: 'seldom',
          trains: name => name.startsWith('norm.'),
          optimizer: adam(),
          every: 3,
          loss: ({ norm, own }, { x }) => ({ loss: mean(own.forward(norm.forward(x))) }),
        },
      ],
    })
    const executable = await referenceRuntime.compileSteps(program)
    const take = async (number: number) => {
      const state = program.state.map(({ data }) => data.slice())
      const next = state.map(data => data.slice())
      const rates = [0.1, 0.1].map(rate => Float32Array.of(rate))
      await executable.run(state, next, [wave(BATCH * 3, 1), ...rates, Float32Array.of(number), new Int32Array(2)], 1)
      return program.state.flatMap(({ name }, i) =>
        next[i]!.every((value, k) => value === state[i]![k]) ? [] : [name],
      )
    }
    expect((await take(1)).toSorted()).toEqual(['own.bias', 'own.weight'])
    const changed = await take(3)
    for (const name of [
      'norm.weight',
      'norm.bias',
      'norm.running_mean',
      'seldom.firstMoment/norm.weight',
      'own.weight',
    ])
      expect(changed).toContain(name)
  })

  it('does not compute a phase that rests', () => {
    const { graph } = wganGp()
    const outer = topologicalOrder(graph.outputs).filter(({ op }) => op?.name === 'cond')
    expect(new Set(outer.map(({ origin }) => origin!.application)).size).toBe(1)
    const always = trainingStep<Pair, Column>({ model: filled(new Pair()), batch: columns, phases: ganPhases })
    const seldom = trainingStep<Pair, Column>({
      model: filled(new Pair()),
      batch: columns,
      phases: [ganPhases[0]!, { ...ganPhases[1]!, every: 5 }],
    })
    const critic = trainingStep<Pair, Column>({ model: filled(new Pair()), batch: columns, phases: [ganPhases[0]!] })
    const flop = (step: TrainingStep) => flopOf(step.graph)
    expect(flop(seldom)).toBeCloseTo(flop(critic) + (flop(always) - flop(critic)) / 5, 0)
  })

  it('draws other random numbers in each phase', async () => {
    const draw = (name: string): Phase<Pair, 'x'> => ({
      name,
      optimizer: sgd(),
      trains: ['critic.out.bias'],
      loss: ({ critic }) => ({ loss: mean(critic.out.bias!), metrics: { drawn: mean(randomUniform([4])) } }),
    })
    const program = trainingStep<Pair, 'x'>({
      model: new Pair(),
      batch: { x: columns.x },
      phases: [draw('first'), draw('second')],
    })
    const { reported } = await train(program, referenceRuntime, { 'first.learningRate': 0, 'second.learningRate': 0 })
    expect(reported['first.drawn']).not.toEqual(reported['second.drawn'])
  })

  it('says what is wrong with phases and groups', () => {
    const step = (phases: readonly Partial<Phase<Pair, Column>>[]) => () =>
      trainingStep<Pair, Column>({
        model: new Pair(),
        batch: columns,
        phases: phases.map((phase, i) => ({ ...ganPhases[i]!, ...phase })),
      })
    expect(step([])).toThrow(/at least one[^]*no phase/)
    expect(step([{ name: 'a' }, { name: 'a' }])).toThrow(/different names[^]*'a', 'a'/)
    expect(step([{ every: 0 }])).toThrow(/every must be a whole number[^]*Received: 0/)
    expect(step([{ trains: () => false }])).toThrow(/phase 'critic' must have a parameter to train/)
    expect(step([{ trains: ['critic.hiden.weight'] }])).toThrow(
      /critic.hiden.weight[^]*Did you mean 'critic.hidden.weight'/,
    )
    expect(step([{ evry: 2 } as never])).toThrow(/no option 'evry'[^]*Did you mean every/)
    expect(() => regression([{ parameters: [] }])).toThrow(/at least one parameter[^]*empty list/)
    expect(() => regression([{ parameters: () => true, momentum: 0.5 } as never])).toThrow(/no option 'momentum'/)
    expect(() =>
      trainingStep<Regressor, 'x'>({
        model: new Regressor(),
        batch: { x: columns.x },
        optimizer: sgd(),
        groups: [{ parameters: () => true, beta1: 0.5 }],
        loss: (model, { x }) => ({ loss: mean(model.forward(x)) }),
      }),
    ).toThrow(/sgd: there is no option 'beta1'/)
  })
})
