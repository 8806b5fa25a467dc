import { expect, test } from "bun:test";
import { openRc } from "../service/openrc.ts";
import { runit } from "../service/runit.ts";
import { s6 } from "../service/s6.ts";
import { systemd } from "../service/systemd.ts";
import { sysV } from "../service/sysv.ts";
import { argumentsIn, systemdState } from "./observe-service.ts";

test("what systemd shows of a unit, in a line", () => {
  const shown =
    "ActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainStatus=1\nNRestarts=3\nUnitFileState=enabled\n";
  expect(systemdState(shown)).toBe(
    "failed (SubState=failed, Result=exit-code, ExecMainStatus=1, NRestarts=3), enabled at boot",
  );
  expect(systemdState("")).toBeUndefined();
});

const managers = [systemd, openRc, sysV, runit("/etc/service"), s6("/run/service")];

test.each(managers.map((manager) => [manager.title, manager] as const))(
  "the flags of a service of %s",
  (_, manager) => {
    const args = [
      "controller",
      "--config=/etc/k0s/it's 100% $HOME's.yaml",
      '--kubelet-extra-args=--config=/etc/kubelet.yaml --x="1 2"',
      "--single=true",
    ];
    const { text } = manager.definition({
      name: "k0scontroller",
      program: "/opt/my tools/k0s",
      args,
      environment: [["OF_OTHERS", "--config=/elsewhere"]],
      dataDir: "/var/lib/k0s",
    });
    expect(argumentsIn(text)).toEqual(args.slice(1));
  },
);
