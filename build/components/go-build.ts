// One reproducible `go build`: no paths, no times, no build ids in the result, so that the same inputs give the
// same bytes. Used for the components, the launcher and the helper programs of images and tests.

import { mkdir, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { hostPlatform, type Target } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import { cEnvironment, type COptions } from "./c-compiler.ts";
import { partialName } from "../partial-name.ts";

export interface GoBuild {
  /** Folder of the Go module (with go.mod). */
  readonly dir: string;
  /** `.` or an import path that the module depends on. */
  readonly package: string;
  /** The file to write. */
  readonly output: string;
  readonly platform: Target;
  readonly tags?: readonly string[];
  /** Variable → value, set by the linker. */
  readonly stamps?: Readonly<Record<string, string>>;
  /** Set for a program that links C: it is linked statically all the same. */
  readonly c?: COptions;
  readonly signal?: AbortSignal;
}

/**
 * Part of every content hash: a change here makes everything new. The linker leaves debugging information out (`-w`);
 * that the compiler does not make it either saves it a seventh of its time.
 */
export const goFlags = [
  "-trimpath",
  "-buildvcs=false",
  "-mod=readonly",
  "-gcflags=all=-dwarf=false",
] as const;
export const linkFlags = ["-s", "-w", "-buildid="] as const;

/** Settings of the person or machine that would change the result are overruled; proxies and caches are not. */
export function goEnvironment(platform: Target): Record<string, string> {
  return {
    GOFLAGS: "",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GOEXPERIMENT: "",
    GOOS: platform.os,
    GOARCH: platform.arch,
    GOAMD64: "v1",
    GOARM64: "v8.0",
    CGO_ENABLED: "0",
  };
}

export function linkerArguments(stamps: Readonly<Record<string, string>>, options: { c: boolean }): string {
  const c = options.c ? ["-linkmode external", '-extldflags "-static -Wl,--build-id=none"'] : [];
  const names = Object.keys(stamps).sort();
  return [...linkFlags, ...c, ...names.map((name) => `-X '${name}=${stamps[name]}'`)].join(" ");
}

export async function goBuild(build: GoBuild): Promise<void> {
  await mkdir(dirname(build.output), { recursive: true });
  const partial = partialName(build.output);
  const tags = build.tags ?? [];
  const link = linkerArguments(build.stamps ?? {}, { c: build.c !== undefined });
  const tagArguments = tags.length === 0 ? [] : ["-tags", tags.join(",")];
  try {
    await runCommand(
      ["go", "build", ...goFlags, ...tagArguments, "-ldflags", link, "-o", partial, build.package],
      {
        what: `building ${build.package === "." ? build.dir : build.package} for ${build.platform.id}`,
        cwd: build.dir,
        env: {
          ...goEnvironment(build.platform),
          ...(build.c === undefined ? {} : cEnvironment(build.platform, build.c)),
        },
        hint: failureHint,
        ...(build.signal === undefined ? {} : { signal: build.signal }),
      },
    );
    await rename(partial, build.output);
  } finally {
    await rm(partial, { force: true });
  }
}

/** `go1.26.8`: also tells whether there is a Go at all. */
export async function goVersion(signal?: AbortSignal): Promise<string> {
  const version = await runCommand(["go", "env", "GOVERSION"], {
    what: "looking for the Go compiler",
    env: goEnvironment(hostPlatform()),
    ...(signal === undefined ? {} : { signal }),
  });
  return version.trim();
}

const causes: readonly (readonly [RegExp, string])[] = [
  [
    /no space left on device/i,
    "Free disk space (the Go build cache takes about 6 GB) and run the same command again: what is built stays.",
  ],
  [
    /signal: killed|cannot allocate memory/i,
    "The compiler ran out of memory: it needs about 4 GB. Run the same command again with fewer things beside it.",
  ],
  [
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection re(set|fused)|module lookup disabled|40[34] |50\d /i,
    "A module could not be downloaded: check the network and GOPROXY, then run the same command again: what is built stays.",
  ],
  [
    /checksum mismatch|SECURITY ERROR/i,
    "A downloaded module is not the one that go.sum names. Do not go on before you know why.",
  ],
  [
    /requires go >= |toolchain not available/i,
    "Install the Go version that is named above; GOTOOLCHAIN=auto is not used, so that builds stay reproducible.",
  ],
  [
    /updates to go\.mod needed|missing go\.sum entry/i,
    "The pinned modules are not complete: run `bun build/build.ts tidy` and commit the result.",
  ],
  [
    /seccomp\.h|pkg-config|gcc|C compiler/i,
    "The C part needs Debian packages that are listed in the component's component.json.",
  ],
];

export function failureHint(output: string): string {
  return (
    causes.find(([pattern]) => pattern.test(output))?.[1] ??
    "Mend what the compiler names and run the same command again: what is built stays."
  );
}
