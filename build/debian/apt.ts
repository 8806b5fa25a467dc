// apt-get and apt-cache on folders of the build cache: neither the host's package database nor its set of architectures
// is touched. apt verifies the signatures of its lists and the sums of what it downloads.

import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/std/errors.ts";
import type { Platform } from "../platform.ts";
import { runCommand } from "../run-command.ts";
import type { DebianPackage, PackageSet } from "./package-set.ts";

export interface AptOptions {
  readonly platform: Platform;
  /** Folder that is apt's alone. */
  readonly dir: string;
  /** Debian's code name; packages of other releases are not considered. */
  readonly release: string;
  /** A sources.list in place of the host's, for tests. */
  readonly sources?: string;
  readonly signal?: AbortSignal;
}

export class Apt {
  readonly #dir: string;
  readonly #settings: readonly string[];
  readonly #release: string;
  readonly #signal: { readonly signal?: AbortSignal };

  private constructor({ platform, dir, release, sources, signal }: AptOptions) {
    this.#dir = dir;
    this.#release = release;
    this.#signal = signal === undefined ? {} : { signal };
    const settings = {
      "APT::Architecture": platform.arch,
      "APT::Architectures": platform.arch,
      "APT::Install-Recommends": "false",
      "APT::Sandbox::User": "root",
      "Acquire::Languages": "none",
      // A source that cannot be reached is an error: old lists must not pass as new ones.
      "APT::Update::Error-Mode": "any",
      "Dir::State": dir,
      "Dir::State::lists": join(dir, "lists"),
      "Dir::State::status": join(dir, "status"),
      "Dir::Cache": dir,
      "Dir::Cache::archives": join(dir, "archives"),
      "Dir::Etc::Preferences": join(dir, "preferences"),
      "Dir::Etc::PreferencesParts": "/dev/null",
      "Debug::NoLocking": "true",
      ...(sources === undefined
        ? {}
        : { "Dir::Etc::SourceList": join(dir, "sources.list"), "Dir::Etc::SourceParts": "/dev/null" }),
    };
    this.#settings = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  }

  static async open(options: AptOptions): Promise<Apt> {
    const { dir, release, sources } = options;
    for (const folder of ["lists/partial", "archives/partial"])
      await mkdir(join(dir, folder), { recursive: true });
    // An empty database: everything counts as not installed, so that all of a set is named.
    await writeFile(join(dir, "status"), "");
    await writeFile(join(dir, "preferences"), preferences(release));
    if (sources !== undefined) await writeFile(join(dir, "sources.list"), sources);
    return new Apt(options);
  }

  /** When the lists were read, ms since 1970; 0 if never. */
  async listsReadAt(): Promise<number> {
    const path = join(this.#dir, "read-at");
    return existsSync(path) ? Number(await readFile(path, "utf8")) : 0;
  }

  /** Reads Debian's lists. Builds that run at the same time do it one after the other. */
  async readLists(): Promise<void> {
    await runCommand(["flock", join(this.#dir, "lock"), "apt-get", ...this.#settings, "-qq", "update"], {
      what: "reading the lists of Debian packages",
      hint: () => "Check that apt-get update works on this machine, and run the same command again.",
      ...this.#signal,
    });
    await writeFile(join(this.#dir, "read-at"), String(Date.now()));
  }

  /** Every version of the packages that the lists name. */
  async versions(names: readonly string[]): Promise<readonly DebianPackage[]> {
    if (names.length === 0) return [];
    const text = await runCommand(["apt-cache", ...this.#settings, "show", ...names], {
      what: "looking Debian packages up",
      ...this.#signal,
    });
    return parseRecords(text);
  }

  /** The packages of a set in their newest versions, apart from those that are given. */
  async resolve(set: PackageSet, given: readonly DebianPackage[] = []): Promise<readonly DebianPackage[]> {
    const words = [
      ...set.packages.filter((name) => !given.some((entry) => entry.name === name)),
      ...(set.system === true ? systemWords : []),
      ...given.map(({ name, version }) => `${name}=${version}`),
    ];
    const text = await runCommand(
      [
        "apt-get",
        ...this.#settings,
        "install",
        "-y",
        "-qq",
        "--no-install-recommends",
        "--print-uris",
        ...words,
      ],
      {
        what: `resolving the Debian packages ${set.packages.join(" ")}`,
        hint: () =>
          `The build takes packages of Debian ${this.#release}, which apt on this machine has to know.`,
        ...this.#signal,
      },
    );
    const chosen = parseFileNames(text).filter(
      ({ name }) => set.alone !== true || set.packages.includes(name),
    );
    const known = await this.versions(chosen.map(({ name, version }) => `${name}=${version}`));
    return chosen
      .map(({ name, version }) => {
        const found = known.find((entry) => entry.name === name && entry.version === version);
        if (found !== undefined) return found;
        throw new UserError(`Debian's list has no SHA-256 for ${name} ${version}`);
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Downloads the files of the packages into a folder. */
  async download(packages: readonly DebianPackage[], folder: string): Promise<void> {
    const words = packages.map(({ name, version }) => `${name}=${version}`);
    await runCommand(["apt-get", ...this.#settings, "download", "-qq", ...words], {
      what: `downloading ${packages.length} Debian packages`,
      cwd: folder,
      hint: () =>
        "The build needs Debian's package sources (apt) and the network for what is not in its cache.",
      ...this.#signal,
    });
  }
}

/** What debootstrap installs; its systems have had their /usr merged from the start. */
const systemWords = ["?essential", "?priority(required)", "apt", "usr-is-merged"];

/** Other releases, backports and other vendors' packages never count. */
function preferences(release: string): string {
  const suites = [release, `${release}-updates`, `${release}-security`];
  const pin = (suite: string, priority: number): string =>
    `Package: *\nPin: release n=${suite}\nPin-Priority: ${priority}\n`;
  return [...suites.map((suite) => pin(suite, 500)), pin("*", -1)].join("\n");
}

/** Of `apt-cache show`. */
export function parseRecords(text: string): readonly DebianPackage[] {
  return text.split("\n\n").flatMap((record) => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, "m").exec(record)?.[1];
    const [name, version, sha256] = [field("Package"), field("Version"), field("SHA256")];
    return name === undefined || version === undefined || sha256 === undefined
      ? []
      : [{ name, version, sha256 }];
  });
}

/** Of `apt-get --print-uris`: `'URI' libc6_2.36-9+deb12u14_amd64.deb 2759724 SHA256:…`; a colon of the version is `%3a`. */
export function parseFileNames(text: string): readonly { readonly name: string; readonly version: string }[] {
  return [...text.matchAll(/^'[^']+' ([^_\s]+)_([^_\s]+)_\S+\.deb \d+/gm)].map(
    ([, name = "", version = ""]) => ({
      name,
      version: decodeURIComponent(version),
    }),
  );
}
