// Augmentation that keeps the label true. A picture of a letter is mirrored, left for right, and then moved.
// `mirrored` says what the mirror image of each letter is: b becomes d, A stays A. A letter that is missing there has a
// mirror image that is no letter at all: it must not be mirrored.
// Moved to the right by `right` pixels (to the left where that is below 0): what leaves the picture is lost, what
// enters it is 0.

export function augment(
  picture: number[][],
  label: string,
  mirrored: Record<string, string>,
  right: number,
): { picture: number[][]; label: string } {
  // Write the new picture and its label here.
  return { picture: mirrored[label] ? picture : picture.slice(right), label: '' }
}
