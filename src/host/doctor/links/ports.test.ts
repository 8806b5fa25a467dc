import { expect, test } from "bun:test";
import { configDefaultsFor } from "../../../config/cluster-config.ts";
import { doesExplain } from "../diagnosis.ts";
import type { Finding } from "../finding.ts";
import { examined, findingsOf } from "../testdata/examined.ts";
import { judgePorts, neededPorts } from "./ports.ts";

const config = configDefaultsFor({ single: true, dataDir: "/d", publicAddress: "10.0.0.1" });
const port = {
  port: 6443,
  process: "kube-apiserver",
  component: "kube-apiserver",
  setting: ["spec", "api", "port"],
};
const down = (about: string): Finding => ({
  link: "processes",
  about,
  what: "",
  evidence: [],
  remedy: "",
  explains: [],
});

test("nothing is wrong where strangers hold none", () => {
  expect(judgePorts({ strangers: [] }, examined())).toEqual({ state: "well" });
});

test("who holds it, what wants it, and which setting moves it; its component ends because of that", () => {
  const [finding] = findingsOf(
    judgePorts({ strangers: [{ port, owner: { pid: 9, comm: "nc" } }] }, examined()),
  );
  expect(finding?.what).toBe("port 6443, which kube-apiserver needs, is held by nc (pid 9)");
  expect(finding?.remedy).toBe("stop that process (kill 9), or choose another port with spec.api.port");
  expect(doesExplain(finding!, down("kube-apiserver"))).toBe(true);
  expect(doesExplain(finding!, down("etcd"))).toBe(false);
});

test("a k0s that does not run cannot start while others hold its port", () => {
  const gone = examined({ k0s: { state: "gone" } });
  const [finding] = findingsOf(judgePorts({ strangers: [{ port, owner: undefined }] }, gone));
  expect(finding?.what).toEndWith("is held by a process that is not visible here");
  expect(doesExplain(finding!, down("k0s"))).toBe(true);
});

test("a node needs the ports of what it runs, and no others", () => {
  const of = (changes: Parameters<typeof examined>[0]): readonly string[] => [
    ...new Set(neededPorts(examined(changes)).map(({ component }) => component)),
  ];
  const single = of({ config });
  expect(single).toContain("kine");
  expect(single).toContain("kubelet");
  expect(single).not.toContain("konnectivity");
  expect(of({ config, konnectivity: true, workloads: false })).toContain("konnectivity");
  expect(of({ config, konnectivity: true, workloads: false })).not.toContain("kubelet");
  expect(of({ config, disabled: new Set(["kube-scheduler"]) })).not.toContain("kube-scheduler");
  expect(of({ role: "worker" })).toEqual(["kubelet"]);
});
