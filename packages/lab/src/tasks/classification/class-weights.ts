// Weights with which rare classes count as much as frequent ones.

/**
 * Balanced weights of classes: examples / (classes that occur x examples of the class), 0 for a class without examples.
 * Source: King and Zeng, "Logistic regression in rare events data", 2001, section 4.2; as scikit-learn's
 * `class_weight="balanced"`.
 * @param indices the examples that count; default all
 */
export function balancedClassWeights(
  labels: ArrayLike<number>,
  indices: ArrayLike<number> = Array.from({ length: labels.length }, (_, i) => i),
): number[] {
  const counts: number[] = []
  for (const index of Array.from(indices)) {
    const label = labels[index] as number
    while (counts.length <= label) counts.push(0)
    counts[label] = (counts[label] as number) + 1
  }
  const present = counts.filter(count => count > 0).length
  return counts.map(count => (count === 0 ? 0 : indices.length / (present * count)))
}
