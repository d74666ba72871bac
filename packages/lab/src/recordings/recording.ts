// Which runs stand behind an experiment's figures in a memo.
import { checkOptions } from '@ddlf/tensor/errors'
import { budgetOf } from '../experiment/budget.ts'
import { parseSettings, type Experiment } from '../experiment/experiment.ts'

/** One of the settings that an experiment compares. */
export interface Arm {
  readonly id: string
  /** As a memo prints it. */
  readonly label: string
  /** Settings that differ from the experiment's defaults. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Only this many of the recording's seeds, where a run is too long for all of them. */
  readonly seeds?: number
}

/** The runs that stand behind an experiment's figures in a memo. */
export interface Recording {
  readonly experiment: string
  readonly arms: readonly Arm[]
  readonly seeds: readonly number[]
  /**
   * Also keep what the task says of the first run: what a classifier gets wrong, or the pictures and texts that others
   * make.
   */
  readonly details?: boolean
  /**
   * Also count dead and saturated units of every run on test examples: metrics `activations/dead`,
   * `activations/saturated`, and of each layer.
   */
  readonly activations?: boolean
  /** Also measure how far a classifier believes itself rightly: `calibration/error`, `/brier` and `/confidence`. */
  readonly calibration?: boolean
  /**
   * Also measure how far back the gradient of every run of a language model reaches: metrics `reach/<steps back>`, the
   * norm of the gradient by the token there as a share of that by the last token, and `vanished/<steps back>`, the
   * powers of ten that it has lost.
   */
  readonly reach?: boolean
  /**
   * Also measure every run of a language model on windows longer than those it was trained on: metrics
   * `length/<tokens>`, the loss over the later half of such windows.
   */
  readonly lengths?: boolean
  /**
   * Also look at the minima that the runs of two arms ended in: their sharpness, and the line between the first of
   * each. `subspace`: their sharpness also over a random subspace of so many dimensions, the same for all.
   */
  readonly minima?: { readonly from: string; readonly to: string; readonly subspace?: number }
}

/** One run that a recording asks for. */
export interface WantedRun {
  readonly arm: Arm
  readonly seed: number
  readonly settings: Readonly<Record<string, unknown>>
}

/** What a recording may say. */
export const RECORDING_FIELDS = [
  'experiment', 'arms', 'seeds', 'details', 'activations', 'reach', 'lengths', 'calibration', 'minima',
] as const

/**
 * The runs of a recording: every arm with every seed, or with as many as the arm asks for.
 * @throws UserError for settings that no training can have
 */
export function wantedRuns(recording: Recording, experiment: Experiment): WantedRun[] {
  const { arms, seeds } = checkOptions('wantedRuns', recording, RECORDING_FIELDS)
  return seeds.flatMap((seed, i) =>
    arms
      .filter(arm => i < (arm.seeds ?? seeds.length))
      .map(arm => {
        const settings = parseSettings(experiment, { ...arm.settings, seed })
        budgetOf(settings)
        return { arm, seed, settings }
      }),
  )
}
