// What a page and the worker that trains for it say to each other.
import type { TrainEvent } from '@ddlf/lab'
import type { Arrived } from './mnist.ts'

/** What computes: WebAssembly on the processor, or WebGPU. */
export type Provider = 'wasm' | 'webgpu'

/** From the page. */
export type ToWorker =
  | {
      readonly kind: 'train'
      readonly experiment: string
      readonly settings: readonly string[]
      readonly data: string
      readonly provider: Provider
      readonly threads: number
    }
  /** Asks how fast the steps of these settings are, on digits of noise. */
  | {
      readonly kind: 'measure'
      readonly experiment: string
      readonly settings: readonly string[]
      readonly provider: Provider
      readonly threads: number
    }
  | { readonly kind: 'stop' }
  /** Asks for the graph of the training step. */
  | { readonly kind: 'graph'; readonly experiment: string; readonly settings: readonly string[] }
  /** Asks for the classes' probabilities of a grey image of 28 x 28, and for what they depend on. */
  | { readonly kind: 'predict'; readonly pixels: Uint8Array }
  /** Asks for a test digit to look at. */
  | { readonly kind: 'example'; readonly index: number }

/** What the model knows at some step. */
export interface Snapshot {
  readonly step: number
  /** Counts, rows are truths, over the first `examples` test digits. */
  readonly confusion: readonly (readonly number[])[]
  readonly examples: number
  /** The incoming weights of the first units, 784 each; empty where there is no hidden layer of that form. */
  readonly filters: readonly Float32Array[]
}

/** Name of the measurement that says from how many digits a run learns, from its step on. */
export const DIGITS = 'data/digits'
/** And of the one that says how many it was meant for. */
export const ALL_DIGITS = 'data/all-digits'

/** One measured number of the run in the page, as in metrics.jsonl. */
export interface Measurement {
  readonly step: number
  readonly epoch: number
  readonly name: string
  readonly value: number
}

/** To the page. */
export type FromWorker =
  | { readonly kind: 'data'; readonly loaded: number; readonly total: number }
  /** More training digits are there, or no more are to come. */
  | { readonly kind: 'arrived'; readonly arrived: Arrived }
  /** A run was asked to stop before its digits were there. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'event'; readonly event: TrainEvent }
  | { readonly kind: 'measured'; readonly stepsPerSecond: number }
  | { readonly kind: 'measurements'; readonly measurements: readonly Measurement[] }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  /** The drawn graph as SVG, and the same as text. */
  | { readonly kind: 'graph'; readonly svg: string; readonly text: string }
  | { readonly kind: 'prediction'; readonly probabilities: readonly number[]; readonly saliency: Float32Array }
  | { readonly kind: 'example'; readonly pixels: Uint8Array; readonly label: number }
