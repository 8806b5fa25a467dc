// What spec.security makes kube-apiserver do, on a real one: tokens of an issuer, files for log-in and rights that are read again
// while it runs, a webhook that decides, an audit policy and its log, Pod Security, settings of admission from the disk, limits of
// events, and Secrets in SQLite. `hardening: cis` is in hardening.test.ts.

import { afterAll, describe, expect, test } from "bun:test";
import type { ExecResult } from "../../src/sandbox/machine.ts";
import { dumpYaml } from "../../src/std/yaml.ts";
import { writeClusterConfig } from "../harness/cluster-config.ts";
import { clusterOfFile } from "../harness/cluster.ts";
import { type IdentityServer, startIdentityServer } from "../harness/identity-server.ts";
import { encryptedWith, filesWith, rawSecretsOfSqlite } from "../harness/raw-secrets.ts";
import type { TestMachine } from "../harness/test-machine.ts";

const dir = "/etc/k0s-security";
const logDir = "/var/log/k0s-audit";
const group = "apiserver.config.k8s.io/v1";
const reader = "team:alice";

const common = {
  secretsEncryption: { enabled: true },
  audit: {
    enabled: true,
    policyFile: `${dir}/audit.yaml`,
    logFile: `${logDir}/audit.log`,
    maxSize: 1,
    maxBackup: 2,
  },
  podSecurity: { enforce: "restricted", exemptNamespaces: ["free"] },
  // The limits themselves are in the file that admissionConfigFile names.
  eventRateLimit: { enabled: true },
  admissionConfigFile: `${dir}/admission.yaml`,
};
const storage = { type: "kine" };

let identity: IdentityServer;
const cluster = clusterOfFile(
  {
    controllers: [{ name: "controller", prepare: (machine) => prepare(machine) }],
    spec: {
      storage,
      security: {
        ...common,
        oidc: {
          issuerURL: "https://127.0.0.1:8443",
          clientID: "k0s",
          usernamePrefix: "oidc:",
          groupsClaim: "groups",
          groupsPrefix: "oidc:",
          requiredClaims: { hd: "example.com" },
          caFile: `${dir}/issuer.crt`,
        },
      },
    },
  },
  async () => {
    await cluster.kubectl("create", "namespace", "lab");
    await cluster.kubectl("create", "namespace", "free");
    await cluster.kubectl("create", "clusterrole", "reads", "--verb=get,list", "--resource=configmaps");
    await cluster.kubectl(
      "create",
      "clusterrolebinding",
      "reads",
      "--clusterrole=reads",
      "--group=oidc:readers",
    );
  },
);
afterAll(() => identity[Symbol.asyncDispose]());

const put = (name: string, value: object | string): Promise<void> =>
  cluster.controller.writeFile(`${dir}/${name}`, typeof value === "string" ? value : dumpYaml(value));

async function prepare(machine: TestMachine): Promise<void> {
  identity = await startIdentityServer(machine, {
    port: 8443,
    allows: [`${reader} list secrets lab`],
  });
  await machine.ok(["mkdir", "-p", dir]);
  await machine.ok(["install", "-d", "-m", "0770", logDir]);
  const files: Readonly<Record<string, object | string>> = {
    "issuer.crt": identity.authority,
    "hook.conf": identity.webhookKubeconfig,
    "audit.yaml": {
      apiVersion: "audit.k8s.io/v1",
      kind: "Policy",
      omitStages: ["RequestReceived"],
      rules: [
        { level: "Metadata", resources: [{ group: "", resources: ["secrets"] }] },
        {
          level: "RequestResponse",
          namespaces: ["lab"],
          resources: [{ group: "", resources: ["configmaps"] }],
        },
        { level: "None" },
      ],
    },
    "admission.yaml": {
      apiVersion: group,
      kind: "AdmissionConfiguration",
      plugins: [{ name: "EventRateLimit", path: "events.yaml" }],
    },
    "events.yaml": {
      apiVersion: "eventratelimit.admission.k8s.io/v1alpha1",
      kind: "Configuration",
      limits: [{ type: "Namespace", qps: 1, burst: 5, cacheSize: 50 }],
    },
  };
  for (const [name, value] of Object.entries(files))
    await machine.writeFile(`${dir}/${name}`, typeof value === "string" ? value : dumpYaml(value));
}

/** kubectl with a token alone. */
function withToken(token: string, ...args: readonly string[]): Promise<ExecResult> {
  const server = `https://${cluster.controller.address}:6443`;
  const authority = "/var/lib/k0s/pki/ca.crt";
  return cluster.controller.exec([
    "k0s",
    "kubectl",
    "--kubeconfig=/dev/null",
    `--server=${server}`,
    `--certificate-authority=${authority}`,
    `--token=${token}`,
    ...args,
  ]);
}

const alice = { sub: "alice", aud: "k0s", groups: ["readers"], hd: "example.com" };
const listed = ["get", "configmaps", "-n", "lab"];

async function isLoggedIn(token: string): Promise<boolean> {
  const { stdout, stderr } = await withToken(token, "auth", "whoami", "-o", "json");
  if (stderr.includes("Unauthorized") || stderr.includes("must be logged in")) return false;
  return stdout.includes("alice");
}

describe("tokens of one issuer", () => {
  test("give the user and the groups that they name, which may do what a binding says, and nothing else", async () => {
    const token = identity.token(alice);
    await cluster.controller.waitFor("the issuer's keys", () => isLoggedIn(token));
    const { stdout } = await withToken(token, "auth", "whoami", "-o", "json");
    const { status } = JSON.parse(stdout) as {
      status: { userInfo: { username: string; groups: readonly string[] } };
    };
    expect(status.userInfo.username).toBe("oidc:alice");
    expect(status.userInfo.groups).toEqual(["oidc:readers", "system:authenticated"]);
    expect((await withToken(token, ...listed)).code).toBe(0);
    for (const more of [
      ["get", "secrets", "-n", "lab"],
      ["create", "configmap", "mine", "-n", "lab"],
    ]) {
      const { code, stderr } = await withToken(token, ...more);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/forbidden/i)]);
    }
    const { stderr } = await withToken(identity.token({ ...alice, groups: [] }), ...listed);
    expect(stderr).toContain("Forbidden");
  });

  test("are worth nothing when they have ended, are for others, lack a claim, or are signed by others", async () => {
    const tokens = {
      ended: identity.token(alice, { at: Date.now() - 3_600_000 }),
      "for others": identity.token({ ...alice, aud: "others" }),
      "without a claim": identity.token({ ...alice, hd: "example.org" }),
      forged: identity.token(alice, { forged: true }),
    };
    for (const [what, token] of Object.entries(tokens))
      expect([what, await isLoggedIn(token)]).toEqual([what, false]);
  });
});

test("the audit log has what its own policy names, in files of their size, and no data of a Secret", async () => {
  const controller = cluster.controller;
  const word = "not-in-the-log-4711";
  await cluster.kubectl("-n", "lab", "create", "secret", "generic", "hidden", `--from-literal=word=${word}`);
  await controller.sh("head -c 300000 /dev/zero | tr '\\0' x >/root/big");
  for (const index of [1, 2, 3, 4, 5, 6, 7])
    await cluster.kubectl("-n", "lab", "create", "configmap", `big-${index}`, "--from-file=/root/big");
  const kept = async (): Promise<readonly string[]> =>
    (await controller.ok(["ls", logDir]))
      .trim()
      .split("\n")
      .filter((name) => name !== "audit.log");
  // Two older ones are kept, as asked for; more have been written.
  await controller.waitFor("the last of the older files", async () => {
    const names = await kept();
    return names.length === 2 && !(await controller.ok(["cat", `${logDir}/${names[0]}`])).includes("big-1");
  });
  const found = await filesWith(controller, '"name":"big-7"', logDir);
  expect(found).toContain("audit");
  expect(await filesWith(controller, '"requestObject"', logDir)).not.toBe("");
  for (const secret of [word, btoa(word)]) expect(await filesWith(controller, secret, logDir)).toBe("");
});

test("pods are held to the level of the configuration, but in namespaces that are exempt", async () => {
  const run = ["run", "p", "--image=localhost/k0s/web:1", "--dry-run=server"];
  await cluster.controller.waitFor("service accounts", async () => {
    const { stdout } = await cluster.tryKubectl("get", "serviceaccounts", "-A", "-o", "name");
    return stdout.trim().split("\n").length >= 6;
  });
  const refused = await cluster.tryKubectl("-n", "lab", ...run);
  expect(refused.stderr).toContain('violates PodSecurity "restricted:latest"');
  await cluster.kubectl("-n", "free", ...run);
  await cluster.kubectl("label", "namespace", "lab", "pod-security.kubernetes.io/enforce=privileged");
  await cluster.kubectl("-n", "lab", ...run);
});

test("more events than the file of admission allows are refused with 429", async () => {
  // So many that a slow machine, too, is faster than the bucket fills.
  const events = Array.from({ length: 60 }, (_, index) => ({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `e-${index}`, namespace: "free" },
    involvedObject: { kind: "Namespace", name: "free", namespace: "free" },
    reason: "Test",
    type: "Normal",
  }));
  const { stderr } = await cluster.controller.exec(["k0s", "kubectl", "create", "-f", "-"], {
    input: JSON.stringify({ apiVersion: "v1", kind: "List", items: events }),
  });
  expect(stderr).toContain("(TooManyRequests)");
  const made = (await cluster.kubectl("-n", "free", "get", "events", "-o", "name")).match(
    /event\/e-/g,
  )?.length;
  expect(made).toBeGreaterThanOrEqual(5);
  expect(made).toBeLessThan(events.length);
});

test("every Secret lies encrypted in SQLite", async () => {
  const controller = cluster.controller;
  await controller.waitFor(
    "a whole copy of the database",
    async () => (await rawSecretsOfSqlite(controller)).size > 0,
  );
  const raw = await rawSecretsOfSqlite(controller);
  expect([...raw.keys()]).toContain("/registry/secrets/lab/hidden");
  for (const value of raw.values())
    expect(value.subarray(0, 27).toString("latin1")).toBe(encryptedWith("key-1"));
  expect(await filesWith(controller, "not-in-the-log-4711", "/var/lib/k0s/db")).toBe("");
});

const authentication = (audiences: readonly string[]) => ({
  apiVersion: group,
  kind: "AuthenticationConfiguration",
  jwt: [
    {
      issuer: {
        url: identity.issuer,
        certificateAuthority: identity.authority,
        audiences,
        audienceMatchPolicy: "MatchAny",
      },
      claimMappings: {
        username: { claim: "sub", prefix: "team:" },
        groups: { claim: "groups", prefix: "oidc:" },
      },
      userValidationRules: [
        { expression: "!user.username.endsWith('mallory')", message: "mallory may not log in" },
      ],
    },
  ],
  anonymous: { enabled: true, conditions: [{ path: "/livez" }] },
});
const own = [
  { type: "Node", name: "node" },
  { type: "RBAC", name: "rbac" },
];
const hook = {
  type: "Webhook",
  name: "hook",
  webhook: {
    timeout: "3s",
    authorizedTTL: "1s",
    unauthorizedTTL: "1s",
    subjectAccessReviewVersion: "v1",
    matchConditionSubjectAccessReviewVersion: "v1",
    failurePolicy: "NoOpinion",
    connectionInfo: { type: "KubeConfigFile", kubeConfigFile: `${dir}/hook.conf` },
    matchConditions: [{ expression: "request.user.startsWith('team:')" }],
  },
};
const authorization = (authorizers: readonly object[]) => ({
  apiVersion: group,
  kind: "AuthorizationConfiguration",
  authorizers,
});
/** kube-apiserver looks at its files at once when they change, and once a minute. */
const reloads = { timeoutMs: 90_000, intervalMs: 500 };

describe("files for log-in and rights", () => {
  test("take the place of fields, and a webhook decides what roles do not", async () => {
    await put("authentication.yaml", authentication(["k0s"]));
    await put("authorization.yaml", authorization([...own, hook]));
    await cluster.controller.stopK0s();
    const security = {
      ...common,
      authenticationConfigFile: `${dir}/authentication.yaml`,
      authorizationConfigFile: `${dir}/authorization.yaml`,
    };
    await writeClusterConfig(cluster.controller, { storage, security });
    await cluster.startController();
    const token = identity.token(alice);
    await cluster.controller.waitFor("the issuer's keys", () => isLoggedIn(token));
    const { stdout } = await withToken(token, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}");
    expect(stdout).toBe(reader);
    // By a role, by the webhook, and by nobody.
    expect((await withToken(token, ...listed)).code).toBe(0);
    expect((await withToken(token, "get", "secrets", "-n", "lab")).code).toBe(0);
    expect((await withToken(token, "get", "secrets", "-n", "free")).stderr).toContain("Forbidden");
    expect(await isLoggedIn(identity.token({ ...alice, sub: "mallory" }))).toBe(false);
    expect(identity.asked()).toContain(`${reader} list secrets free`);
    // matchConditions: nobody else is asked about, as the cluster's own parts.
    expect(identity.asked().filter((line) => !line.startsWith("team:"))).toEqual([]);
  });

  test("let those without a name in where they say it, and nowhere else", async () => {
    const code = (path: string): Promise<string> =>
      cluster.controller.ok([
        "curl",
        "-sk",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        `https://${cluster.controller.address}:6443${path}`,
      ]);
    expect([await code("/livez"), await code("/readyz")]).toEqual(["200", "401"]);
  });

  test("are read again while the API server runs; what is wrong then changes nothing", async () => {
    const controller = cluster.controller;
    const other = identity.token({ ...alice, aud: "other" });
    expect(await isLoggedIn(other)).toBe(false);
    const pid = await controller.readFile("/run/k0s/kube-apiserver.pid");
    await put("authentication.yaml", authentication(["k0s", "other"]));
    await controller.waitFor("the new audience", () => isLoggedIn(other), reloads);
    await put("authentication.yaml", "kind: Nothing\n");
    const failures = async (): Promise<boolean> =>
      /authentication_config_controller_automatic_reloads_total\{[^}]*status="failure"[^}]*\} [1-9]/.test(
        await cluster.kubectl("get", "--raw", "/metrics"),
      );
    await controller.waitFor("the refusal of a file that is wrong", failures, reloads);
    expect(await isLoggedIn(other)).toBe(true);
    await put("authorization.yaml", authorization(own));
    const secrets = async (): Promise<ExecResult> => withToken(other, "get", "secrets", "-n", "lab");
    await controller.waitFor(
      "the end of the webhook",
      async () => (await secrets()).stderr.includes("Forbidden"),
      reloads,
    );
    expect((await withToken(other, ...listed)).code).toBe(0);
    expect(await controller.readFile("/run/k0s/kube-apiserver.pid")).toBe(pid);
  });

  test("that are wrong at a start are refused by line, and nothing is started", async () => {
    await cluster.controller.stopK0s();
    const { code, stderr } = await cluster.controller.exec(["k0s", "controller"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      `${dir}/authentication.yaml:1:7 (spec.security.authenticationConfigFile) has kind Nothing`,
    );
  });
});
