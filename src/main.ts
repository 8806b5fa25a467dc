// The entry point: decides by name and first words what to run, importing as little as possible on the way.
// `k0s version` must answer in 30 ms, so everything but that is behind `await import()`.

import { k0sVersion } from "./product/versions.ts";

// Settings of the Bun runtime must not reach children.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("BUN_")) delete process.env[name];
}

// The launcher hands over the name that the user called; without it (in development) it is our own.
process.exit(await main(process.env["K0S_ARGV0"] ?? process.argv0, process.argv.slice(2)));

async function main(argv0: string, args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === "__exec") {
    const { runExecHelper } = await import("./os/exec-helper.ts");
    return runExecHelper(rest);
  }
  if (first === "__unmount") {
    const { runUnmountHelper } = await import("./os/unmount-helper.ts");
    return runUnmountHelper(rest);
  }
  if (first === "__sandbox") {
    const { runHelper } = await import("./sandbox/helper.ts");
    return runHelper(rest);
  }
  if (first === "version" && rest.length === 0) {
    const { writeSync } = await import("node:fs");
    try {
      writeSync(1, `${k0sVersion}\n`);
      return 0;
    } catch {
      // The long way knows which failures are none, such as a reader that went away, and has words for the others.
    }
  }
  const { runCli } = await import("./cli/run.ts");
  return runCli(argv0, args);
}
