// The entry point of every build: `bun build/build.ts [--arch amd64] TARGET... [-- ARGUMENTS]`.

import { Command } from "commander";
import { errorMessage, UserError } from "../src/std/errors.ts";
import { buildProgress } from "./build-progress.ts";
import { formatDuration } from "./format.ts";
import { hostPlatform, parsePlatform } from "./platform.ts";
import { targets } from "./targets.ts";

const summaries = Object.entries(targets).map(([name, target]) => `  ${name.padEnd(12)} ${target.summary}`);

async function main(): Promise<void> {
  // Commander would take what follows `--` for more targets.
  const separator = process.argv.indexOf("--");
  const own = separator < 0 ? process.argv : process.argv.slice(0, separator);
  const rest = separator < 0 ? [] : process.argv.slice(separator + 1);
  const program = new Command("build")
    .argument("<target...>", "what to build, in this order")
    .option("--arch <arch>", "architecture to build for", hostPlatform().arch)
    .addHelpText("after", `\nTargets:\n${summaries.join("\n")}`)
    .parse(own);
  const { arch } = program.opts<{ arch: string }>();
  await run(program.args, arch, rest);
}

async function run(names: readonly string[], arch: string, args: readonly string[]): Promise<void> {
  const platform = parsePlatform(arch);
  const wanted = names.map((name) => {
    const target = targets[name];
    if (target !== undefined) return target;
    throw new UserError(`no build target is called ${name}`, {
      hint: `There are: ${Object.keys(targets).join(", ")}.`,
    });
  });
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () =>
      stop.abort(new UserError("interrupted", { hint: "The same command goes on where it was." })),
    );
  }
  const report = buildProgress(process.stderr);
  const started = performance.now();
  try {
    for (const target of wanted)
      await (await target.load()).run({ platform, args, signal: stop.signal, report });
    report.ready(`${names.join(", ")} for ${platform.id} in ${formatDuration(performance.now() - started)}`);
  } finally {
    report.close();
  }
}

try {
  await main();
} catch (err) {
  // Only what a person can put right is told in one sentence; a bug shows where it is.
  const text =
    err instanceof UserError || !(err instanceof Error) ? errorMessage(err) : (err.stack ?? err.message);
  process.stderr.write(`Error: ${text}\n`);
  if (err instanceof UserError && err.hint !== undefined) process.stderr.write(`${err.hint}\n`);
  process.exitCode = 1;
}
