// What removes, overwrites, gives away or signals goes through the few modules that ask for a proof first:
// src/os/removal.ts, src/os/files.ts, src/os/processes.ts. Everywhere else the calls themselves are forbidden, but for
// the files listed here. docs/destructive-actions.md says for each place what the proof is.

import { readFileSync } from "node:fs";
import { Glob } from "bun";

/** Who may make such calls, and why that is safe. Anything new here is a decision. */
const allowed: Readonly<Record<string, string>> = {
  "src/os/removal.ts": "the module for removals",
  "src/os/files.ts": "the module for writing, modes and owners",
  "src/os/capped-file.ts": "names of the log that k0s keeps, in a directory of its own",
  "src/os/restarting-file.ts": "the file of a service definition that it prints to",
  "src/os/send-signal.ts": "the call itself",
  "src/os/pinned-process.ts": "a pidfd, and the number where the kernel has none",
  "src/os/exec.ts": "the group of its own child, before it was collected",
  "src/os/flock.ts": "the mode of a lock file that it has just opened",
  "src/os/kernel.ts": "kernel parameters",
  "src/supervisor/spawn-child.ts": "its own child, before it was collected",
  "src/sandbox/root-plan.ts": "the root of a sandbox's machine, in a mount namespace of its own",
  "src/sandbox/become-machine.ts": "kernel parameters in a network namespace of its own",
  "src/sandbox/become-anchor.ts": "kernel parameters in a network namespace of its own",
  "src/sandbox/cgroups.ts": "control groups of a sandbox",
  "src/sandbox/cluster-node.ts": "files on a machine's own disk",
  "src/sandbox/machine.ts": "files on a machine's own disk",
  "src/sandbox/uplink.ts": "forwarding of the host, recorded and put back",
};

const fileCalls =
  /^(rm|unlink|rmdir|l?chown|fchown|l?chmod|fchmod|f?truncate|writeFile|appendFile|copyFile|cp|rename|createWriteStream)(Sync)?$/;

/** Imports from our own modules that take no proof. */
const rawCalls: readonly { readonly from: string; readonly names: RegExp }[] = [
  { from: "send-signal.ts", names: /^sendSignal$/ },
];

const expressions: readonly RegExp[] = [
  /\bprocess\.kill\(/,
  /\bBun\.write\(/,
  /\bBun\.file\([^)]*\)\.(delete|unlink|write|writer)\(/,
  /\bimport \* as \w+ from "(node:)?fs/,
  /\bimport \w+ from "(node:)?fs/,
  /\.(unlinkat|unlink|rmdir)\(/,
];

export function destructiveCalls(): string | undefined {
  const sources = [...new Glob("src/**/*.ts").scanSync()]
    .filter((path) => !/\.test\.ts$|\/testdata\/|^src\/proto\//.test(path))
    .toSorted();
  const problems = sources.flatMap((path) => {
    const found = callsIn(readFileSync(path, "utf8"));
    const mayCall = path in allowed;
    if (mayCall && found.length === 0)
      return [`${path}: is allowed destructive calls and has none; take it off the list`];
    return mayCall ? [] : found.map((call) => `${path}: ${call}`);
  });
  const missing = Object.keys(allowed).filter((path) => !sources.includes(path));
  problems.push(...missing.map((path) => `${path}: is allowed destructive calls and does not exist`));
  if (problems.length === 0) return undefined;
  return `${problems.join("\n")}\nUse src/os/removal.ts, files.ts or processes.ts, which ask for a proof; see docs/destructive-actions.md.`;
}

/** One line for each exception, so that everyone who runs the checks sees them. */
export function destructiveExceptions(): string {
  return Object.entries(allowed)
    .map(([path, why]) => `    ${path}: ${why}`)
    .join("\n");
}

/** What a source text imports or calls of the forbidden kind. */
export function callsIn(text: string): string[] {
  const imports = [...text.matchAll(/\bimport\s*\{([^}]*)\}\s*from\s*"([^"]+)"/g)].flatMap(
    ([, names = "", from = ""]) => {
      const pattern = /^(node:)?fs(\/promises)?$/.test(from)
        ? fileCalls
        : rawCalls.find((raw) => from.endsWith(raw.from))?.names;
      return pattern === undefined ? [] : importedNames(names).filter((name) => pattern.test(name));
    },
  );
  const calls = expressions.flatMap((expression) => expression.exec(text)?.[0] ?? []);
  return [...imports, ...calls];
}

/** Of `a, b as c, type d`: `a`, `b`. */
function importedNames(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(/\s+as\s+/)[0] ?? "");
}
