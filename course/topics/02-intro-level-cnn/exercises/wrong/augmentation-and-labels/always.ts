// Every letter is mirrored.
export const mistake = 'no letter at all'

export function augment(picture: number[][], label: string, mirrored: Record<string, string>, right: number) {
  const turned = picture.map(row => [...row].reverse())
  return { picture: turned.map(row => row.map((_, x) => row[x - right] ?? 0)), label: mirrored[label] ?? label }
}
