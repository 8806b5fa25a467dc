import { expect, test } from "bun:test";
import { doesExplain } from "../diagnosis.ts";
import { examined, findingsOf, whatOf } from "../testdata/examined.ts";
import { type CniFacts, judgeCni } from "./cni.ts";

const calico = {
  name: "10-calico.conflist",
  text: JSON.stringify({ name: "k8s-pod-network", plugins: [{ type: "calico" }] }),
};
const cilium = {
  name: "05-cilium.conflist",
  text: JSON.stringify({ name: "cilium", plugins: [{ type: "cilium-cni" }] }),
};
const facts = (changes: Partial<CniFacts> = {}): CniFacts => ({
  files: [calico],
  provider: "calico",
  missingPlugins: [],
  brought: ["loopback", "portmap"],
  forwarding: "1",
  pods: [],
  ownPod: "calico-node-x",
  ...changes,
});

test("the cluster's own network is well; a host without pods has none", () => {
  expect(judgeCni(facts(), examined())).toEqual({ state: "well" });
  expect(judgeCni(facts({ files: [] }), examined({ workloads: false })).state).toBe("absent");
  expect(judgeCni(facts({ files: [], provider: "custom" }), examined()).state).toBe("well");
});

test.each([
  ["does not forward", { forwarding: "0" }, "net.ipv4.ip_forward is 0", "sysctl -w net.ipv4.ip_forward=1"],
  [
    "has a stranger's network",
    { files: [cilium, calico] },
    "05-cilium.conflist (cilium-cni) is not of",
    "remove it",
  ],
  [
    "has lost its configuration",
    { files: [] },
    "the network configuration is gone",
    "delete pod calico-node-x",
  ],
  ["lacks a plug-in", { missingPlugins: ["calico"] }, "the CNI plug-in calico is missing", "restart k0s"],
])("a host that %s", (_, changes, what, remedy) => {
  const [finding] = findingsOf(judgeCni(facts(changes), examined()));
  expect(finding?.what).toContain(what);
  expect(finding?.remedy).toContain(remedy);
  const notReady = {
    link: "node",
    about: "network",
    what: "",
    evidence: [],
    remedy: "",
    explains: [],
  } as const;
  expect(doesExplain(finding!, notReady)).toBe(true);
  expect(doesExplain(finding!, { ...notReady, about: "other" })).toBe(false);
});

test("while the network's pod does not run, that is why there is no configuration", () => {
  const pods = [{ text: "system pod calico-node-x has no image", about: "calico-node" }];
  expect(whatOf(judgeCni(facts({ files: [], pods }), examined()))).toEqual([
    "system pod calico-node-x has no image",
  ]);
});

test("what k0s does not bring is not promised to come with a restart", () => {
  const remedy = (changes: Partial<CniFacts>): string | undefined =>
    findingsOf(judgeCni(facts({ missingPlugins: ["portmap", "cilium-cni"], ...changes }), examined()))[0]
      ?.remedy;
  const wanted = "k0s does not bring cilium-cni: put it into /opt/cni/bin, ";
  expect(remedy({})).toStartWith(wanted);
  expect(remedy({ files: [cilium], provider: "custom" })).toStartWith(wanted);
  expect(remedy({ missingPlugins: ["portmap", "calico-ipam"] })).toStartWith("restart k0s");
});

test("a plug-in of a stranger's file is told with that file", () => {
  const verdict = judgeCni(facts({ files: [cilium, calico], missingPlugins: ["cilium-cni"] }), examined());
  expect(whatOf(verdict)).toHaveLength(1);
  expect(findingsOf(verdict)[0]?.evidence).toContain("its plug-in cilium-cni is missing, too");
});
