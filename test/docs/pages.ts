// The pages of docs/ that people write, without decisions and the pages of commands; those of contributors are among them.

const globs = ["docs/*.md", "docs/contributing/*.md"] as const;

/** Paths below the top of the checkout, sorted. */
export function writtenPages(top: string): readonly string[] {
  return globs.flatMap((glob) => [...new Bun.Glob(glob).scanSync(top)]).toSorted();
}
