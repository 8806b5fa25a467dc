// The C side of the two components that need it (runc, kine): Debian's compilers and static libraries.

import { hostPlatform, parsePlatform, type Platform, type Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";

export interface COptions {
  /** Preprocessor definitions, `NAME` or `NAME=value`. */
  readonly defines?: readonly string[];
}

export function cCompiler(platform: Platform): string {
  return `${platform.triple}-gcc`;
}

/** Flags of the person's environment are overruled: they would change the result. */
export function cEnvironment(target: Target, options: COptions): Record<string, string> {
  const platform = parsePlatform(target.id);
  return {
    CGO_ENABLED: "1",
    CC: cCompiler(platform),
    CGO_CFLAGS: ["-O2", ...(options.defines ?? []).map((define) => `-D${define}`)].join(" "),
    CGO_CPPFLAGS: "",
    CGO_LDFLAGS: "-O2",
    PKG_CONFIG_PATH: "",
    // Multi-arch: the .pc files of the platform lie in its own folder, never in the host's.
    PKG_CONFIG_LIBDIR: `/usr/lib/${platform.triple}/pkgconfig:/usr/share/pkgconfig`,
  };
}

/** Debian packages that have to be there to build C for the platform, with the component's own ones. */
export function cPackages(platform: Platform, own: readonly string[]): readonly string[] {
  const cross = platform.id !== hostPlatform().id;
  const compiler = cross
    ? [`gcc-${platform.triple.replaceAll("_", "-")}`, `libc6-dev-${platform.arch}-cross`]
    : ["gcc", "libc6-dev"];
  return ["pkg-config", ...compiler, ...own.map((name) => name.replace(":target", `:${platform.arch}`))];
}

/** What of the C side shapes the bytes of a static program, for the content hash. */
export async function cIdentity(
  platform: Platform,
  packages: readonly string[],
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const options = {
    what: `asking for the C compiler of ${platform.id}`,
    ...(signal === undefined ? {} : { signal }),
  };
  const version = await runCommand([cCompiler(platform), "-dumpfullversion"], options);
  const installed = await runCommand(
    ["dpkg-query", "-W", "-f", "${binary:Package} ${Version}\n", ...packages],
    options,
  );
  return [version.trim(), ...installed.trim().split("\n").sort()];
}
