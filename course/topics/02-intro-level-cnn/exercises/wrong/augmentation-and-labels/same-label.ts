// The label stays as it was.
export const mistake = 'a mirrored b is a d'

export function augment(picture: number[][], label: string, mirrored: Record<string, string>, right: number) {
  const turned = mirrored[label] === undefined ? picture : picture.map(row => [...row].reverse())
  return { picture: turned.map(row => row.map((_, x) => row[x - right] ?? 0)), label }
}
