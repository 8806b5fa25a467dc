// Lists that may be long, in a sentence.

/** The first `most` of them: `a, b and 3 more`. */
export function namedFirst(texts: readonly string[], most: number, separator = ", "): string {
  const more = texts.length - most;
  return texts.slice(0, most).join(separator) + (more > 0 ? ` and ${more} more` : "");
}
