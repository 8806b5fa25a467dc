// A worker behind a firewall that drops every inbound connection: what the API server wants from it comes through its
// tunnel. Later a second one joins. Konnectivity's ports are not the defaults.

import { expect, test } from "bun:test";
import type { NodeTunnel } from "../../src/components/konnectivity/tunnels/report.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { startWeb, webAnswers } from "../harness/web-demo.ts";
import { cutPort, dropInbound, dropped, mendPort } from "./konnectivity/firewall.ts";
import { webhookManifests } from "./konnectivity/webhook.ts";

const worker = "w0";
const agentPort = 9132;

const cluster = clusterOfFile(
  {
    spec: { konnectivity: { agentPort, adminPort: 9133 } },
    workers: [{ name: worker, prepare: dropInbound }],
  },
  async () => {
    await cluster.systemPodsReady();
    await startWeb(cluster);
    await tunnelIs("up");
  },
);

async function tunnels(): Promise<readonly NodeTunnel[]> {
  const { stdout } = await cluster.controller.exec(["k0s", "status", "-o", "json"]);
  return (JSON.parse(stdout) as { Tunnels: readonly NodeTunnel[] }).Tunnels;
}

const tunnelIs = (state: "up" | "down"): Promise<unknown> =>
  cluster.controller.waitFor(
    `the tunnel ${state}`,
    async () => {
      const report = (await tunnels()).find(({ node }) => node === worker);
      return report !== undefined && (report.missing.length === 0) === (state === "up");
    },
    { intervalMs: 500 },
  );

/** Through the tunnel, which a status that is some seconds old may call up too early. */
const greeted = (): Promise<void> => webAnswers(cluster.controller);

test("the worker cannot be reached directly", async () => {
  const before = await dropped(cluster.worker(worker));
  const url = `https://${cluster.worker(worker).address}:10250/healthz`;
  const { code } = await cluster.controller.exec(["curl", "-sSk", "--max-time", "3", url]);
  expect(code).toBe(28);
  expect(await dropped(cluster.worker(worker))).toBeGreaterThan(before);
});

test("logs and exec", async () => {
  await greeted();
  expect(await cluster.kubectl("-n", "kube-system", "logs", "deployment/coredns")).toContain("CoreDNS-");
});

test("port-forward", async () => {
  const { controller } = cluster;
  const script = `k0s kubectl port-forward deployment/web 18080:8080 & pid=$!
    for i in $(seq 100); do curl -sSf --max-time 5 http://127.0.0.1:18080/ && break; sleep 0.2; done; kill $pid`;
  const { stdout } = await controller.sh(script);
  expect(stdout).toContain("nginx on web-");
});

test("an aggregated API, and top", async () => {
  const served = await cluster.controller.waitFor("metrics of the node", async () => {
    const { code, stdout } = await cluster.controller.tryKubectl("top", "nodes", "--no-headers");
    return code === 0 && stdout.includes(worker) ? stdout : undefined;
  });
  expect(served).toContain(worker);
  const available = "jsonpath={.status.conditions[?(@.type=='Available')].status}";
  expect(await cluster.kubectl("get", "apiservice", "v1beta1.metrics.k8s.io", "-o", available)).toBe("True");
});

test("a validating webhook", async () => {
  const { server, registration } = await webhookManifests();
  await cluster.apply(server);
  await cluster.kubectl("wait", "--for=condition=Ready", "pod/webhook", "--timeout=240s");
  await cluster.apply(registration);
  const create = (name: string) =>
    cluster.controller.tryKubectl("create", "configmap", name, "--from-literal=a=b");
  await cluster.controller.waitFor("the webhook to be asked", async () => {
    const refused = await create("forbidden");
    if (refused.code === 0) await cluster.kubectl("delete", "configmap", "forbidden");
    return refused.stderr.includes("refused by the webhook");
  });
  await cluster.controller.waitFor("its consent", async () => (await create("welcome")).code === 0);
  await cluster.kubectl("delete", "validatingwebhookconfiguration", "webhook");
});

test("the API serves the agent's own word for it: one open connection to a server", async () => {
  const pod = await cluster.kubectl(
    ..."-n kube-system get pods -l k8s-app=konnectivity-agent -o jsonpath={.items[0].metadata.name}".split(
      " ",
    ),
  );
  const path = `/api/v1/namespaces/kube-system/pods/${pod}:8093/proxy/metrics`;
  await cluster.controller.waitFor("one connection", async () =>
    /^konnectivity_network_proxy_agent_open_server_connections 1$/m.test(
      await cluster.kubectl("get", "--raw", path),
    ),
  );
});

test("a server that is killed and an agent that is deleted come back, and with them the tunnel", async () => {
  const { controller } = cluster;
  await controller.ok(["sh", "-c", "kill -9 $(cat /run/k0s/konnectivity.pid)"]);
  await controller.waitFor(
    "the server",
    async () => (await controller.exec(["curl", "-sSf", "http://localhost:8092/healthz"])).code === 0,
  );
  await tunnelIs("up");
  await greeted();
  await cluster.kubectl(
    "-n",
    "kube-system",
    "delete",
    "pod",
    "-l",
    "k8s-app=konnectivity-agent",
    "--wait=true",
  );
  await tunnelIs("up");
  await greeted();
});

test("a tunnel that cannot be had is told with node and likely cause, and comes back by itself", async () => {
  const { controller } = cluster;
  await cutPort(cluster.worker(worker), agentPort);
  await tunnelIs("down");
  const cause = `node ${worker} has no tunnel to controller: its agent does not reach this controller`;
  const status = await controller.waitFor("the cause", async () => {
    const answer = await controller.exec(["k0s", "status"]);
    return answer.stdout.includes(cause) && answer;
  });
  expect(status.code).toBe(1);
  expect(status.stdout).toContain(`TCP port ${agentPort}: is that open from the node?`);
  const logs = await controller.waitFor("no agent", async () => {
    const answer = await controller.tryKubectl("logs", "visitor");
    return answer.stderr.includes("No agent available") && answer;
  });
  expect(logs.code).toBe(1);
  expect(logs.stderr).toContain(cause);
  await controller.waitFor("k0s' log", async () => (await controller.readLog("k0s")).includes(cause));
  // What needs no tunnel is kubectl's alone.
  expect((await controller.tryKubectl("get", "pod", "none")).stderr).not.toContain("tunnel");
  await mendPort(cluster.worker(worker));
  await tunnelIs("up");
  await greeted();
});

test("a node whose tunnel alone is missing is named too, though others have theirs", async () => {
  const { controller } = cluster;
  await cluster.addWorker({
    name: "w1",
    prepare: async (machine) => {
      await dropInbound(machine);
      await cutPort(machine, agentPort);
    },
  });
  await cluster.nodeReady("w1");
  const running = async (): Promise<string> =>
    await cluster.kubectl(
      ..."-n kube-system get pods -l k8s-app=konnectivity-agent -o name".split(" "),
      "--field-selector=spec.nodeName=w1,status.phase=Running",
    );
  const pod = await controller.waitFor("the agent of w1", async () => (await running()).trim());
  const logs = await controller.waitFor("the reason", async () => {
    const answer = await controller.tryKubectl("-n", "kube-system", "logs", pod);
    return answer.stderr.includes("node w1 has no tunnel to controller") && answer;
  });
  expect(logs.code).toBe(1);
  expect(logs.stderr).not.toContain(`node ${worker} has`);
  await controller.waitFor("k0s' log", async () =>
    (await controller.readLog("k0s")).includes("kube-apiserver does not reach every node from here"),
  );
  await mendPort(cluster.worker("w1"));
  await controller.waitFor(
    "logs of w1",
    async () => (await controller.tryKubectl("-n", "kube-system", "logs", pod)).code === 0,
  );
});
