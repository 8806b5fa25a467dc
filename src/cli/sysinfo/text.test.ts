import { expect, test } from "bun:test";
import { checkHost } from "../../host/sysinfo/checks.ts";
import { everyRole, madeHost, type Changes } from "../../host/sysinfo/testdata/made-host.ts";
import { painter } from "../core/output.ts";
import { findingsText, reportLine, summary } from "./text.ts";

const paint = painter(false);
const roles = { controller: true, worker: true };

async function said(changes: Changes, root = true): Promise<string> {
  const optional = ["CFS_BANDWIDTH", "BLK_CGROUP", "NETFILTER_ADVANCED"].map((name) => `CONFIG_${name}=y\n`);
  const good = madeHost();
  const config = `${await good.readText("/boot/config-6.1.0")}${optional.join("")}`;
  const files = { "/boot/config-6.1.0": config, ...changes.files };
  const reports = await checkHost(everyRole, madeHost({ ...changes, files }));
  return `${findingsText(reports, paint, { repeated: false })}${summary(reports, roles, { root })}`;
}

test("a healthy host gets one line", async () => {
  expect(await said({})).toMatch(/^k0s can run here as controller and worker \(\d+ checks\)\.$/);
  expect(await said({}, false)).toEndWith("Some things only root can look at.");
});

test("a finding is told with why and what to do", async () => {
  const text = await said({ hostname: "localhost" });
  expect(text).toStartWith(
    "Host name: localhost (warning: every host is called so)\n    A second host of this name cannot join the cluster",
  );
  expect(text).toContain("\n    To do: `echo node-1 >/etc/hostname && hostname -F /etc/hostname`");
  expect(text).toMatch(/\n\nk0s can run here as controller and worker \(\d+ checks, 1 warning\)\.$/);
});

test("options of the kernel share what is said of them", async () => {
  const text = await said({ files: { "/boot/config-6.1.0": "CONFIG_INET=y\n" } });
  expect(text.match(/Boot a kernel that has it/g)).toHaveLength(1);
  expect(text).toContain("CONFIG_CGROUPS, CONFIG_CGROUP_SCHED, CONFIG_FAIR_GROUP_SCHED, CONFIG_NAMESPACES, ");
  expect(text).toContain("CONFIG_PROC_FS: left out (rejected)\n    ");
  expect(text).toContain("CONFIG_NETFILTER_ADVANCED: Advanced netfilter configuration: left out (warning)\n");
  expect(text).toContain("k0s cannot run here as controller and worker");
});

test("an error is told, too, and lines are upstream's", async () => {
  const resolve = () => Promise.reject(new Error("no resolver"));
  expect(await said({ resolve })).toStartWith("Name resolution: localhost: error: no resolver\n\nk0s cannot");
  const [memory] = await checkHost(everyRole, madeHost());
  if (memory === undefined) throw new Error("no reports");
  expect(reportLine(memory, paint)).toBe("Total memory: 4.0 GiB (pass)\n");
  expect(reportLine({ ...memory, path: ["os", "x"] }, paint)).toBe("  Total memory: 4.0 GiB (pass)\n");
});
