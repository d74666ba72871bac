// Examples for a net that sees `size` letters: of each letter of a name, and of the '.' that ends it, the letters
// before it, filled up with '.' in front. contexts('emma', 3) begins with ['...', 'e'].

export function contexts(name: string, size: number): [context: string, next: string][] {
  // Write it here.
  return [['.'.repeat(size), name]]
}
