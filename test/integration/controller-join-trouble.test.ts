// Joins that must not happen: every kind of bad token, a host that is no controller, a name that is taken, a configuration
// or a version that does not fit. Each says what is wrong, ends with code 1 and changes nothing.

import { expect, setDefaultTimeout, test } from "bun:test";
import { clusterOfFile } from "../harness/cluster.ts";
import { bareControlPlane } from "../harness/controllers.ts";
import type { TestMachine } from "../harness/test-machine.ts";
import { issueCa } from "../../src/pki/issue.ts";
import { decodeJoinToken } from "../../src/token/join-token.ts";

setDefaultTimeout(400_000);

let joiner: TestMachine;
let token: string;

const cluster = clusterOfFile(
  { controllers: [{ name: "c1", args: [bareControlPlane] }] },
  async ({ network, controller }) => {
    joiner = await network.machine({ name: "joiner" });
    token = await controller.joinToken("controller");
  },
);

/** What a join says that must fail. */
async function refusal(badToken: string, ...args: readonly string[]): Promise<string> {
  await joiner.writeFile("/root/token", badToken);
  const result = await joiner.exec(["k0s", "controller", "--token-file", "/root/token", ...args]);
  expect(result.code).toBe(1);
  expect((await joiner.exec(["test", "-e", "/var/lib/k0s/pki/ca.key"])).code).toBe(1);
  expect(Object.keys(await cluster.controller.etcdMembers())).toEqual(["c1"]);
  return result.stderr;
}

/** A token that never was in the cluster, with this CA and for this server. */
async function strangeToken(ca: string, url: string): Promise<string> {
  await joiner.writeFile("/root/strange-ca.crt", ca);
  const line = `rm -rf /root/strange; k0s token pre-shared --role controller --cert /root/strange-ca.crt --url ${url} --out /root/strange && cat /root/strange/token_*`;
  return (await joiner.ok(["/bin/sh", "-c", line])).trim();
}

const joinUrl = (): string => `https://${cluster.controller.address}:9443`;
const clusterCa = async (): Promise<string> => (await decodeJoinToken(token)).ca.pem;

test("a token that is none", async () => {
  expect(await refusal("not-a-token")).toContain("the join token cannot be read");
});

test("a token without its end", async () => {
  expect(await refusal(token.slice(0, -40))).toContain("the join token is truncated");
});

test("a worker's token", async () => {
  expect(await refusal(await cluster.controller.joinToken("worker"))).toContain(
    "wrong token type kubelet-bootstrap, expected type: controller-bootstrap",
  );
});

test("an expired token", async () => {
  const shortLived = await cluster.controller.joinToken("controller", "--expiry", "1s");
  await Bun.sleep(2_000);
  expect(await refusal(shortLived)).toContain("the join token has expired since");
});

test("a token of another cluster", async () => {
  const other = await issueCa({ cn: "kubernetes-ca", expiresMs: 3_600_000 });
  expect(await refusal(await strangeToken(other.cert, joinUrl()))).toContain("belongs to another cluster");
});

test("a token that was never valid here", async () => {
  expect(await refusal(await strangeToken(await clusterCa(), joinUrl()))).toContain(
    "does not accept the join token",
  );
});

test("a server that is not the join API", async () => {
  const url = `https://${cluster.controller.address}:6443`;
  expect(await refusal(await strangeToken(await clusterCa(), url))).toContain(
    "is not the join API of a controller",
  );
});

test("no token where one is asked for", async () => {
  const result = await joiner.exec(["k0s", "controller", "--token-file", "/root/nonexistent"]);
  expect(result).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("/root/nonexistent: there is no such file"),
  });
});

test("a controller with a name that is taken", async () => {
  expect(await refusal(token, "--kubelet-extra-args=--hostname-override=c1")).toContain(
    "a controller named c1 runs already",
  );
});

test("networks that are not the cluster's", async () => {
  await joiner.writeFile("/root/k0s.yaml", "spec: {network: {podCIDR: 10.50.0.0/16}}\n");
  expect(await refusal(token, "--config", "/root/k0s.yaml")).toContain(
    "spec.network.podCIDR is 10.50.0.0/16 here, 10.244.0.0/16 in the cluster",
  );
});

test("a version that does not fit is turned away by the cluster", async () => {
  const question = {
    name: "old",
    version: "v1.30.1+k0s.0",
    apiAddress: "192.0.2.1:6443",
    cluster: {
      podCIDR: "10.244.0.0/16",
      serviceCIDR: "10.96.0.0/12",
      clusterDomain: "cluster.local",
      networkProvider: "calico",
      storage: "etcd",
    },
  };
  await joiner.writeFile("/root/question", JSON.stringify(question));
  await joiner.writeFile("/root/token", token);
  const ask = `base64 -d /root/token | gunzip > /root/conf; k0s kubectl --kubeconfig /root/conf create -v=8 --raw /v1beta1/k0s/join-check -f /root/question`;
  const answer = await joiner.sh(ask);
  expect(answer.code).not.toBe(0);
  expect(answer.stdout + answer.stderr).toContain("cannot join a cluster of v1.37.");
});

test("a host that is not there is waited for, and named", async () => {
  const unanswered = await strangeToken(await clusterCa(), `https://${joiner.address}:9443`);
  const process = await joiner.startK0s({ role: "controller", token: unanswered });
  await joiner.waitFor("the reason", async () =>
    (await joiner.readLog("k0s")).includes("connection refused; is k0s running there?"),
  );
  await process.kill("SIGTERM");
  await process.exited;
});
