// He initialisation.

export function heInitialisation(fanIn: number, normals: number[]): number[] {
  return normals.map(value => value * Math.sqrt(2 / fanIn))
}
