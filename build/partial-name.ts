// The name of what is not finished yet, beside its final one. Two builds at once share the cache, and one build makes the
// same thing twice at once, for two images for example: neither may rename or delete the other's.

/** A name that nobody else uses. */
export function partialName(path: string): string {
  return `${path}.${process.pid}.${crypto.randomUUID().slice(0, 8)}.partial`;
}
