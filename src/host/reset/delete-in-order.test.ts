import { expect, test } from "bun:test";
import { deleteInOrder, type FailedStep, forbidsDeletion } from "./delete-in-order.ts";
import type { ResetStep } from "./plan.ts";

const user: ResetStep = { kind: "delete-user", name: "etcd", uid: 990 };
const kubelet: ResetStep = {
  kind: "delete-entries",
  path: "/srv/kubelet",
  entries: ["pods"],
  keepItself: false,
};
const dataDir: ResetStep = {
  kind: "delete-entries",
  path: "/srv/k0s",
  entries: ["images"],
  proof: "bin",
  keepItself: false,
};
const runDir: ResetStep = {
  kind: "delete-entries",
  path: "/run/k0s",
  entries: ["k0s.yaml.lock"],
  keepItself: false,
};
const dataDirButProof: ResetStep = {
  kind: "delete-entries",
  path: "/srv/k0s",
  entries: ["images"],
  keepItself: true,
};

/** Performs what `works` allows after the steps done so far, and notes it. */
async function tried(
  works: (step: ResetStep, done: readonly ResetStep[]) => boolean,
  failed: readonly ResetStep[] = [],
  before: readonly ResetStep[] = [],
) {
  const done: ResetStep[] = [];
  const err = new Error("no");
  const left = await deleteInOrder(
    [...before, kubelet, dataDir, runDir],
    failed.map((step) => ({ step, err })),
    (steps) => {
      const failures: FailedStep[] = [];
      for (const step of steps)
        if (works(step, done)) done.push(step);
        else failures.push({ step, err });
      return Promise.resolve(failures);
    },
  );
  return { done, left: left.map(({ step }) => step) };
}

test("the proof goes after everything else of a node, and before the lock that keeps others from starting", async () => {
  expect(await tried(() => true)).toEqual({ done: [kubelet, dataDirButProof, dataDir, runDir], left: [] });
});

test("what failed for want of room is tried again when there is some, and the proof may go then", async () => {
  const roomy = (step: ResetStep, done: readonly ResetStep[]): boolean =>
    step !== user || done.some((one) => one.kind === "delete-entries" && one.path === "/srv/k0s");
  expect(await tried(roomy, [user])).toEqual({
    done: [kubelet, dataDirButProof, user, dataDir, runDir],
    left: [],
  });
});

test("the proof stays while something is left to do", async () => {
  expect(await tried((step) => step !== user, [user])).toEqual({
    done: [kubelet, dataDirButProof, runDir],
    left: [user],
  });
  expect(await tried((step) => step !== kubelet)).toEqual({
    done: [dataDirButProof, runDir],
    left: [kubelet],
  });
});

test("what else failed keeps k0s' own directories, which tell what it was about; a user is in the record", () => {
  const err = new Error("no");
  const steps: ResetStep[] = [
    { kind: "end-processes", managed: [], inPods: [] },
    { kind: "unmount", targets: ["/x"] },
    { kind: "clean-iptables", family: "ip", backend: "nft", script: "" },
    { kind: "delete-nft-table", family: "inet", name: "cni_hostport" },
    { kind: "destroy-ipset", name: "KUBE-X" },
    { kind: "delete-route", args: [] },
    { kind: "delete-link", name: "vxlan.calico" },
    { kind: "remove-netns", path: "/run/netns/cni-1" },
    { kind: "remove-cgroup", path: "/sys/fs/cgroup/kubepods" },
  ];
  for (const step of steps)
    expect({ step, forbids: forbidsDeletion({ step, err }) }).toEqual({ step, forbids: true });
  expect(forbidsDeletion({ step: user, err })).toBe(false);
});

test("a path outside that could not be deleted is found again by what is in k0s' own directories: they stay", async () => {
  const bundle: ResetStep = { kind: "delete", path: "/run/containerd/runc/k8s.io/0123" };
  expect(await tried((step) => step !== bundle, [], [bundle])).toEqual({ done: [], left: [bundle] });
});
