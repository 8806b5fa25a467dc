import { expect, test } from "bun:test";
import type { PortHolder } from "./probe-host.ts";
import { type Changes, everyRole, outcome, remedy } from "./testdata/made-host.ts";

const use = { port: 6443, process: "kube-apiserver", setting: "spec.api.port" };
const options = { ...everyRole, informative: { ports: [use, { port: 10250, process: "kubelet" }] } };
const nginx = { pid: 812, name: "nginx", program: "/usr/sbin/nginx" };
const heldBy = (holder: Omit<PortHolder, "use">, changes: Changes = {}): Changes => ({
  holders: async () => [{ use, ...holder }],
  ...changes,
});

test("a port that is taken is told with the process that has it", async () => {
  expect(await outcome("ports", {}, options)).toBe("pass 6443 10250 free");
  const taken = heldBy({ process: nginx, own: false });
  expect(await outcome("ports", taken, options)).toBe("pass 1 of 2 free");
  expect(await outcome("port:6443", taken, options)).toBe(
    "rejected in use by nginx, pid 812, /usr/sbin/nginx kube-apiserver needs it",
  );
  expect(await remedy("port:6443", taken, options)).toBe(
    "Stop that process (`kill 812`, or its service), or choose another port with spec.api.port.",
  );
});

test("what cannot be seen is another process, unless k0s runs", async () => {
  const hidden = { process: undefined, own: false };
  expect(await outcome("port:6443", heldBy(hidden), options)).toStartWith("rejected in use by another");
  const running = heldBy(hidden, { isRunning: async () => true });
  expect(await outcome("port:6443", running, options)).toBe("pass in use by k0s");
  expect(await outcome("port:6443", heldBy({ process: nginx, own: true }), options)).toStartWith("pass");
});

test("a start looks at ports itself, with the configuration that it has", async () => {
  expect(await outcome("ports", heldBy({ process: nginx, own: false }), everyRole)).toBeUndefined();
});
