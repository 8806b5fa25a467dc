import { expect, test } from "bun:test";
import { openRc } from "./openrc.ts";
import { recordingHost } from "./recording-host.ts";
import { uninstallService } from "./uninstall.ts";

const { path, text } = openRc.definition({
  name: "k0sworker",
  program: "/usr/local/bin/k0s",
  args: ["worker"],
  environment: [],
  dataDir: "/var/lib/k0s",
});
const options = { force: false, signal: new AbortController().signal };
const missingIn = (level: string): string =>
  ` * rc-update: service \`k0sworker' is not in the runlevel \`${level}'\n`;

function uninstallAfter(answer: { code: number; stdout?: string; stderr?: string }) {
  const host = recordingHost({ "rc-update --all delete k0sworker": answer });
  host.files.set(path, text);
  return { host, done: uninstallService({ init: openRc, name: "k0sworker", text }, host, options) };
}

test.each([
  ["in one of the runlevels", " * service k0sworker removed from runlevel boot\n", missingIn("default")],
  ["in none, after a kill", "", missingIn("boot") + missingIn("default")],
  [
    "in none, as another version says it",
    "",
    " * rc-update: service `k0sworker' not found in any of the specified runlevels\n",
  ],
])("a service that is %s is uninstalled", async (_, stdout, stderr) => {
  const { host, done } = uninstallAfter({ code: 1, stdout, stderr });
  await done;
  expect(host.files.size).toBe(0);
});

test.each([
  `${missingIn("boot")} * rc-update: failed to remove service \`k0sworker' from runlevel \`default': Read-only file system\n`,
  "",
])("one that stays in a runlevel is not: %j", async (stderr) => {
  const { host, done } = uninstallAfter({ code: 1, stderr });
  expect(done).rejects.toThrow("rc-update --all delete k0sworker");
  await Bun.sleep(0);
  expect(host.files.size).toBe(1);
});

test.each([
  [0, true],
  [3, false],
  [4, true],
  [8, true],
  [32, false],
])("a status of %i: it runs, or is about to start or end: %p", (code, runs) => {
  expect(openRc.isRunning({ code, stdout: "" })).toBe(runs);
});
