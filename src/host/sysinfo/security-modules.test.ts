import { expect, test } from "bun:test";
import { outcome, remedy } from "./testdata/made-host.ts";

test("AppArmor without its parser", async () => {
  const files = { "/sys/module/apparmor/parameters/enabled": "Y\n" };
  const findExecutable = (name: string) => (name === "apparmor_parser" ? undefined : `/usr/bin/${name}`);
  expect(await outcome("AppArmor")).toBe("pass unavailable");
  expect(await outcome("AppArmor", { files })).toBe("pass active");
  expect(await outcome("AppArmor", { files, findExecutable })).toBe(
    "warning active apparmor_parser is missing",
  );
});

test("SELinux that enforces, without and with rules for the data directory", async () => {
  const enforce = "/sys/fs/selinux/enforce";
  expect(await outcome("SELinux")).toBe("pass unavailable");
  expect(await outcome("SELinux", { files: { [enforce]: "0" } })).toBe("pass permissive");
  const enforcing = { files: { [enforce]: "1" } };
  expect(await outcome("SELinux", enforcing)).toBe(
    "warning enforcing /var/lib/k0s has no rules for its labels",
  );
  const rule = (await remedy("SELinux", enforcing))?.match(/-t (container_runtime_exec_t) '([^']+)'/);
  const [, type = "", path = ""] = rule ?? [];
  const local = "/etc/selinux/targeted/contexts/files/file_contexts.local";
  const files = { [enforce]: "1", [local]: `${path}    system_u:object_r:${type}:s0\n` };
  expect(await outcome("SELinux", { files })).toBe("pass enforcing, with rules for k0s");
});
