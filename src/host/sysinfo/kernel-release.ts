// Versions of the kernel, as `uname -r` writes them.

/** Undefined for a text that does not begin with two numbers. */
function kernelVersion(release: string): readonly [number, number] | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return major === undefined || minor === undefined ? undefined : [Number(major), Number(minor)];
}

/** Undefined if the release cannot be read as a version. */
export function kernelAtLeast(
  release: string,
  [major, minor]: readonly [number, number],
): boolean | undefined {
  const version = kernelVersion(release);
  if (version === undefined) return undefined;
  return version[0] > major || (version[0] === major && version[1] >= minor);
}
