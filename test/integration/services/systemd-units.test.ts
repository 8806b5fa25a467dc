// systemd's own reading of the units that k0s writes: `systemd-analyze verify` complains about nothing.

import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withMachine } from "../../harness/with-machine.ts";

const units = join(import.meta.dir, "../../../src/host/service/testdata");

test("systemd finds nothing wrong with the units", async () => {
  await withMachine({ root: "services", k0s: false }, async (machine) => {
    for (const [name, program] of [
      ["plain", "/usr/local/bin/k0s"],
      ["hostile", "/opt/my tools/k0s"],
    ] as const) {
      const [head = "", ...lines] = (await readFile(join(units, `linux-systemd-${name}.txt`), "utf8")).split(
        "\n",
      );
      const [path = ""] = head.split(" ");
      await machine.ok(["mkdir", "-p", dirname(program)]);
      await machine.writeFile(program, "#!/bin/sh\n", 0o755);
      const verify = async (text: string) => {
        await machine.writeFile(path, text);
        const { code, stdout, stderr } = await machine.exec(["systemd-analyze", "verify", "--man=no", path]);
        return { code, said: `${stdout}${stderr}` };
      };
      const text = lines.join("\n");
      expect(await verify(text)).toEqual({ code: 0, said: "" });
      // So that the silence above means something.
      expect((await verify(text.replace("RestartSec=10", "RestartSec=ten"))).said).toContain(
        "Failed to parse sec value",
      );
      expect((await verify(text.replace("KillMode=", "KillMood="))).said).toContain("KillMood");
      // A condition's path is read as it stands.
      expect((await verify(text.replace(/(Executable=)(.*)/, '$1"$2"'))).said).toContain("not absolute");
    }
  });
}, 120_000);
