// What leaves at one side comes in at the other.
export const mistake = 'at the other side'

export function augment(picture: number[][], label: string, mirrored: Record<string, string>, right: number) {
  const turned = mirrored[label] === undefined ? picture : picture.map(row => [...row].reverse())
  const around = (row: number[]) => row.map((_, x) => row[(((x - right) % row.length) + row.length) % row.length] ?? 0)
  return { picture: turned.map(around), label: mirrored[label] ?? label }
}
