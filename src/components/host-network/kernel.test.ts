import { expect, test } from "bun:test";
import { silentLogger } from "../../std/logfmt.ts";
import { prepareKernel, workerSysctlFloors } from "./kernel.ts";

/** A kernel with these parameters, as a worker leaves it. */
async function prepared(
  kernel: Record<string, string>,
  interfaces: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  await prepareKernel(
    {
      loadModule: () => Promise.resolve(),
      readSysctl: (name) => Promise.resolve(kernel[name]),
      writeSysctl: (name, value) => Promise.resolve(void (kernel[name] = value)),
      ipv6Interfaces: () => Promise.resolve(interfaces),
    },
    silentLogger(),
    new AbortController().signal,
  );
  return kernel;
}

test("limits are raised, never lowered, and a kernel without them is no failure", async () => {
  const kernel: Record<string, string> = {
    "fs.inotify.max_user_instances": "128",
    "fs.inotify.max_user_watches": "9999999",
  };
  await prepared(kernel);
  expect(kernel["fs.inotify.max_user_instances"]).toBe(
    String(workerSysctlFloors["fs.inotify.max_user_instances"]),
  );
  expect(kernel["fs.inotify.max_user_watches"]).toBe("9999999");
  delete kernel["fs.inotify.max_user_watches"];
  await prepared(kernel);
  expect(kernel["fs.inotify.max_user_watches"]).toBeUndefined();
});

test("a route learnt from router advertisements outlives the forwarding that pods need", async () => {
  const kernel = await prepared(
    {
      "net.ipv6.conf.eth0.accept_ra": "1",
      "net.ipv6.conf.eth0.forwarding": "0",
      "net.ipv6.conf.eth0/7.accept_ra": "1",
      "net.ipv6.conf.eth0/7.forwarding": "0",
      "net.ipv6.conf.default.accept_ra": "1",
      "net.ipv6.conf.default.forwarding": "0",
      "net.ipv6.conf.static0.accept_ra": "0",
      "net.ipv6.conf.static0.forwarding": "0",
      "net.ipv6.conf.router0.accept_ra": "1",
      "net.ipv6.conf.router0.forwarding": "1",
    },
    ["all", "default", "eth0", "eth0.7", "static0", "router0"],
  );
  expect(kernel["net.ipv6.conf.eth0.accept_ra"]).toBe("2");
  expect(kernel["net.ipv6.conf.eth0/7.accept_ra"]).toBe("2");
  expect(kernel["net.ipv6.conf.default.accept_ra"]).toBe("2");
  expect(kernel["net.ipv6.conf.static0.accept_ra"]).toBe("0");
  expect(kernel["net.ipv6.conf.router0.accept_ra"]).toBe("1");
  expect(kernel["net.ipv6.conf.all.accept_ra"]).toBeUndefined();
  expect(kernel["net.ipv6.conf.all.forwarding"]).toBe("1");
});
