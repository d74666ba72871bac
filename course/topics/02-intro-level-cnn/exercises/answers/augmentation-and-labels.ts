// Augmentation that keeps the label true. A picture of a letter is mirrored, left for right, and then moved.

export function augment(
  picture: number[][],
  label: string,
  mirrored: Record<string, string>,
  right: number,
): { picture: number[][]; label: string } {
  const other = mirrored[label]
  const turned = other === undefined ? picture : picture.map(row => [...row].reverse())
  return { picture: turned.map(row => row.map((_, x) => row[x - right] ?? 0)), label: other ?? label }
}
