// Grad-CAM: where in the picture a class is seen. Each map's weight is the mean of the class's gradient by that map;
// the answer is the weighted sum of the maps, and what speaks against the class (below 0) is left out.
// `maps` and `gradients` are [channels][rows][columns].

export function gradCam(maps: number[][][], gradients: number[][][]): number[][] {
  // Write the picture of importance here.
  return (maps[0] ?? []).map((line, y) => line.map((value, x) => value * (gradients[0]?.[y]?.[x] ?? 0)))
}
