import { expect, test } from "bun:test";
import { plainArguments, systemdState } from "./observe-service.ts";

test("what systemd shows of a unit, in a line", () => {
  const shown =
    "ActiveState=failed\nSubState=failed\nResult=exit-code\nExecMainStatus=1\nNRestarts=3\nUnitFileState=enabled\n";
  expect(systemdState(shown)).toBe(
    "failed (SubState=failed, Result=exit-code, ExecMainStatus=1, NRestarts=3), enabled at boot",
  );
  expect(systemdState("")).toBeUndefined();
});

test("the flags of a definition, whichever manager it is for", () => {
  const unit =
    'ExecStart=/usr/local/bin/k0s controller --config=/etc/k0s/k0s.yaml "--data-dir=/my dir" --single=true\n';
  expect(plainArguments(unit)).toEqual(["--config=/etc/k0s/k0s.yaml", "--single=true"]);
});
