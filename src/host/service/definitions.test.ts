import { expect, test } from "bun:test";
import { join } from "node:path";
import type { InitSystem, ServiceDefinition } from "./definition.ts";
import { openRc } from "./openrc.ts";
import { runit } from "./runit.ts";
import { s6 } from "./s6.ts";
import { authorship } from "./signature.ts";
import { systemd } from "./systemd.ts";
import { sysV } from "./sysv.ts";

const managers: readonly InitSystem[] = [systemd, openRc, sysV, runit("/etc/service"), s6("/run/service")];

const plain: ServiceDefinition = {
  name: "k0scontroller",
  program: "/usr/local/bin/k0s",
  args: ["controller", "--config=/etc/k0s/k0s.yaml", "--single=true"],
  environment: [],
  dataDir: "/var/lib/k0s",
};

/** Whatever a shell or systemd would take for something else. */
const hostile: ServiceDefinition = {
  name: "k0sworker",
  program: "/opt/my tools/k0s",
  args: ["worker", "--token-file=/etc/k0s/a b", `--kubelet-extra-args=--x="1 2" --y='$HOME %i \\n \`id\`'`],
  environment: [
    ["HTTPS_PROXY", "http://proxy:3128"],
    ["NOTE", `it's 100% "so" $HOME \\`],
  ],
  dataDir: "/srv/of k0s",
};

for (const manager of managers) {
  for (const [name, service] of Object.entries({ plain, hostile })) {
    test(`${manager.title}: the definition of the ${name} service`, async () => {
      const { path, mode, text } = manager.definition(service);
      const golden = join(import.meta.dir, "testdata", `${manager.platform}-${name}.txt`);
      const shown = `${path} ${mode.toString(8)}\n${text}`;
      if (process.env["UPDATE_GOLDEN"] === "1") await Bun.write(golden, shown);
      expect(shown).toBe(await Bun.file(golden).text());
      expect(path).toBe(manager.definitionPath(service.name));
      expect(authorship(text)).toBe("ours");
    });
  }
}

test("a definition with variables is root's alone: a proxy's address may hold a password", () => {
  for (const manager of managers) {
    expect(manager.definition(hostile).mode & 0o077).toBe(0);
    expect(manager.definition(plain).mode & 0o044).toBe(0o044);
  }
});

/** Runs a script of shell with k0s replaced by a program that prints its arguments, each in a line. */
async function argumentsOf(script: string, program: string): Promise<string[]> {
  const text = script
    .replaceAll(program, "printf")
    .replace(/^exec (.*) >>.*$/m, "set -- $1; shift; printf '%s\\n' \"$$@\"");
  const child = Bun.spawn(["sh", "-c", text], { stdout: "pipe", stderr: "pipe" });
  const output = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return output.split("\n").slice(0, -1);
}

test("a shell hands every argument on as it is", async () => {
  const { text } = runit("/etc/service").definition(hostile);
  expect(await argumentsOf(text, hostile.program)).toEqual([...hostile.args]);
});

test("openrc-run's evaluation of command_args gives every argument as it is", async () => {
  const { text } = openRc.definition(hostile);
  const assignment = text.split("\n").find((line) => line.startsWith("command_args="));
  const child = Bun.spawn(["sh", "-c", `${assignment}\neval "set -- $command_args"; printf '%s\\n' "$@"`], {
    stdout: "pipe",
  });
  expect((await new Response(child.stdout).text()).split("\n").slice(0, -1)).toEqual([...hostile.args]);
});

test("systemd's condition has the path as it stands, and is left out where a line cannot have it", () => {
  const unit = (program: string): string => systemd.definition({ ...plain, program }).text;
  expect(unit('/opt/my "tools" 5%/k0s')).toContain('\nConditionFileIsExecutable=/opt/my "tools" 5%%/k0s\n');
  for (const program of ["/opt/k0s ", "/opt/k0s\\", "/opt/a\nUser=nobody\nb/k0s", "/opt/a\rb"]) {
    expect(unit(program)).not.toContain("ConditionFileIsExecutable");
    expect(unit(program)).not.toMatch(/^User=/m);
  }
});
