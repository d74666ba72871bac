// The task of a student: to say of each example what a trained teacher says of it, and not only which class is right.
import { checkOptions, UserError } from '@ddlf/tensor/errors'
import { add, div, exp, logSoftmax, mean, mul, sub, sum, type Tensor } from '@ddlf/tensor'
import { correctCount, crossEntropy } from '@ddlf/nn'
import { columnOf } from '@ddlf/data'
import { bestRaise } from '../analysis/classification/raised-classes.ts'
import type { Metric } from '../experiment/metric.ts'
import type { Phase, Task } from './task.ts'
import {
  classification,
  type ClassificationOptions,
  type ClassificationSettings,
} from './classification/classification.ts'

/** Settings that the distillation task reads. */
export interface DistillationSettings extends ClassificationSettings {
  /** What both nets' logits are divided by before the softmax: above 1 the teacher's small probabilities count too. */
  readonly temperature: number
  /** Share of the loss that the labels have, from 0 (the teacher alone) to 1 (no teacher). */
  readonly hardShare: number
}

/**
 * How far a student's distribution is from the teacher's at a temperature T: T^2 KL(softmax(teacher / T) ||
 * softmax(student / T)),
 * the mean over the batch. The cross-entropy with soft targets, scaled by T^2, differs from it by the teacher's entropy
 * alone,
 * so its gradient is the same, (T / batch) (softmax(student / T) - softmax(teacher / T)); this one is 0 where the two
 * agree.
 * Source: Hinton, Vinyals and Dean, "Distilling the knowledge in a neural network", 2015, section 2.
 * @param student logits, float32 [batch, classes]
 * @param teacher logits, float32 [batch, classes]; no gradient is passed to whoever made them
 */
export function distillationLoss(student: Tensor, teacher: Tensor, temperature: number): Tensor {
  if (!(temperature > 0))
    throw new UserError({ rule: 'distillationLoss: the temperature must be above 0.', received: String(temperature) })
  const wanted = logSoftmax(div(teacher, temperature))
  const said = logSoftmax(div(student, temperature))
  return mul(mean(sum(mul(exp(wanted), sub(wanted, said)), { axes: -1 })), temperature ** 2)
}

/** What a distillation reads. */
export interface DistillationOptions extends ClassificationOptions {
  /** Column of the teacher's logits, float32 [classes]; default `teacherLogits`. */
  readonly teacher?: string
  /**
   * Classes that the student is not shown: it is also judged with their logits raised by one number, the one that errs
   * least on the data that judge it (`raisedError` and `raise`). Default none.
   */
  readonly raised?: readonly number[]
}

/** What is measured where the logits of classes that were never shown are raised. */
const raisedMetrics: readonly Metric[] = [
  { name: 'raisedError', title: 'error with the missing raised', unit: '%', better: 'lower', format: 'percent' },
  { name: 'raise', title: 'what the missing are raised by', unit: '', better: 'neither', format: 'fixed' },
]

/** A classification that is also judged with the logits of its missing classes raised. */
function judgedRaised(
  task: Task<DistillationSettings>, target: string, raised: readonly number[],
): Task<DistillationSettings> {
  const judge: Task<DistillationSettings>['evaluate']['judge'] = ({ logits }, dataset) => {
    if (!logits) return {}
    const { data } = columnOf(dataset, target)
    const found = bestRaise(logits.data, data, raised)
    return { raisedError: found.errors / data.length, raise: found.raise }
  }
  return { ...task, metrics: [...task.metrics, ...raisedMetrics], evaluate: { ...task.evaluate, judge } }
}

/**
 * Classification by a student: (1 - hardShare) times {@link distillationLoss} plus hardShare times the cross-entropy
 * with the
 * labels. On data without the teacher's column (a validation set, an analysis) the labels are all there is. It is
 * judged as
 * classification is.
 */
export function distillation(options: DistillationOptions = {}): Task<DistillationSettings> {
  checkOptions('distillation', options, ['teacher', 'raised', 'input', 'target', 'mean', 'standardDeviation'])
  const { teacher = 'teacherLogits', raised = [], input = 'images', target = 'labels', ...scaling } = options
  const classes = classification({ input, target, ...scaling })
  const hard = (settings: DistillationSettings) => classes.phases(settings)[0] as Phase<ClassificationSettings>
  const phase: Phase<DistillationSettings> = {
    name: 'distillation',
    columns: [input, target],
    optionalColumns: [teacher],
    loss(model, batch, settings, context) {
      const { [input]: x, [target]: labels, [teacher]: soft } = batch
      const { temperature, hardShare, labelSmoothing = 0 } = settings
      if (!x || !labels || !soft || hardShare === 1) return hard(settings).loss(model, batch, settings, context)
      if (context?.classWeights)
        throw new UserError({
          rule: 'A student is told how much each class weighs by its teacher.',
          received: 'classWeights',
          next: 'Leave classWeights out, or use sampling=balanced.',
        })
      const logits = model.forward(classes.prepare?.(x) ?? x)
      const taught = distillationLoss(logits, soft, temperature)
      const loss =
        hardShare === 0
          ? taught
          : add(
              mul(taught, 1 - hardShare),
              mul(crossEntropy(logits, labels, { labelSmoothing, ignoreIndex: null }), hardShare),
            )
      return { loss, metrics: { accuracy: correctCount(logits, labels) } }
    },
  }
  const task: Task<DistillationSettings> = { ...classes, name: 'distillation', phases: () => [phase] }
  return raised.length > 0 ? judgedRaised(task, target, raised) : task
}
