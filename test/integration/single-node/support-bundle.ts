// A bundle of a cluster that has secrets in every place that we know of: no byte of it is of any of them.

import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { unpackTar } from "modern-tar";
import { anchor } from "../../../src/std/testdata/anchors.ts";
import { encodeJoinToken } from "../../../src/token/join-token.ts";
import type { TestMachine } from "../../harness/test-machine.ts";
import { base64Cores } from "../../../src/host/support-bundle/spellings.ts";

const ofTheSecret = "hunter2-of-the-secret";
const ofTheVariable = "hunter2-of-the-variable";
const ofTheConfigMap = "hunter2-of-the-configmap";
const ofTheAnnotation = "hunter2-of-the-annotation";
const ofTheProxy = "hunter2%21-of-the-proxy";

export function supportBundleTests(node: () => TestMachine): void {
  test("no byte of a support bundle is of a secret of the cluster", async () => {
    const machine = node();
    const { kubectl } = machine;
    await kubectl("create", "secret", "generic", "guarded", `--from-literal=key=${ofTheSecret}`);
    await kubectl("create", "configmap", "guarded", `--from-literal=key=${ofTheConfigMap}`);
    await kubectl(
      "run",
      "guarded",
      "--image=none",
      `--env=A_PASSWORD=${ofTheVariable}`,
      `--annotations=a=${ofTheAnnotation}`,
    );
    // A single node makes none: one of an earlier life of its database.
    const token = encodeJoinToken({
      server: "https://10.0.0.1:9443",
      ca: anchor,
      token: "abcdef.0123456789abcdef",
      role: "controller",
      expires: undefined,
    });
    const secrets = await secretsOf(machine, token);
    expect(secrets.length).toBeGreaterThan(20);
    // What should never happen: k0s has logged all of it, as it is and encoded, and somebody has put some into the configuration.
    const said = `${secrets.join(" ")}\n${Buffer.from(secrets.join("\n")).toString("base64")}\n`;
    await machine.writeFile("/tmp/said", said);
    await machine.sh("cat /tmp/said >>/var/lib/k0s/log/k0s.log; rm /tmp/said; mkdir -p /etc/init.d");
    await machine.writeFile(
      "/etc/init.d/k0sworker",
      `export HTTPS_PROXY=http://me:${ofTheProxy}@proxy:3128\n`,
    );
    try {
      expect(await machine.k0s("support-bundle", "--since", "2h", "-o", "/tmp/bundle.tar.gz")).toContain(
        "/tmp/bundle.tar.gz (",
      );
    } finally {
      await machine.ok(["rm", "-r", "/etc/init.d/k0sworker"]);
    }
    expect((await machine.ok(["stat", "-c", "%a", "/tmp/bundle.tar.gz"])).trim()).toBe("600");
    const files = await unpacked(await readFile(machine.hostPath("/tmp/bundle.tar.gz")));
    for (const secret of [
      ...secrets,
      ofTheConfigMap,
      ofTheAnnotation,
      ofTheProxy,
      decodeURIComponent(ofTheProxy),
    ])
      for (const form of [secret, ...base64Cores(secret)])
        for (const [name, text] of files) if (text.includes(form)) throw new Error(`${name} has ${form}`);

    const named = (name: string): string =>
      files.get([...files.keys()].find((key) => key.endsWith(name)) ?? "") ?? "";
    expect(JSON.parse(named("/about.json"))).toMatchObject({ runs: true, missing: [] });
    expect(named("/status.json")).toContain('"Role": "controller"');
    expect(named("/doctor.txt")).not.toBe("");
    expect(named("/cluster/pods.json")).toContain('"name": "guarded"');
    expect(named("/cluster/events.json")).toContain('"items"');
    expect(named("/logs/k0s.log")).toContain("The cluster is ready");
    expect(named("/processes.json")).toContain("--etcd-servers");
    expect(named("/network/nftables")).toContain("table");
    expect(named("/host/disks.json")).toContain("available");
    expect(named("/certificates.json")).toContain("validTo");
    await kubectl("delete", "pod/guarded", "secret/guarded", "configmap/guarded", "--wait=false");
  });

  test("an encrypted one is read with its recipient's key, and one that is interrupted leaves nothing", async () => {
    const machine = node();
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    await machine.ok(["mkdir", "/tmp/bundles"]);
    const sh = (script: string) => machine.sh(`cd /tmp/bundles; ${script}`);
    const interrupted = await sh(
      `k0s support-bundle & sleep 0.4; kill -TERM $!; wait $!; echo "code $?"; ls -A`,
    );
    expect(interrupted.stdout).toBe("code 143\n");
    expect((await sh(`k0s support-bundle --age-recipient ${recipient}`)).code).toBe(0);
    const name = (await sh("ls -A")).stdout.trim();
    expect(name).toMatch(/^k0s-support-single-\d{8}T\d{6}Z\.tar\.gz\.age$/);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const archive = await decrypter.decrypt(await readFile(machine.hostPath(`/tmp/bundles/${name}`)));
    expect([...(await unpacked(archive)).keys()].join("\n")).toContain("/about.json");
    const again = await sh(`k0s support-bundle -o ${name}`);
    expect(again.stderr).toContain("is there already");
  });
}

/** By their names, as the bytes are. */
async function unpacked(archive: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const entries = await unpackTar(Bun.gunzipSync(Buffer.from(archive)));
  return new Map(
    entries.map(({ header, data }) => [header.name, Buffer.from(data ?? []).toString("latin1")]),
  );
}

/** All that opens anything: what was planted, the join token, keys, credentials, Secrets of the cluster, tokens of pods. */
async function secretsOf(machine: TestMachine, token: string): Promise<readonly string[]> {
  const keys = (
    await machine.sh("cat $(find /var/lib/k0s/pki /var/lib/k0s/kubelet/pki -name '*.key' -o -name '*.pem')")
  ).stdout;
  const lines = [...keys.matchAll(/PRIVATE KEY-----([^-]*)-----END/g)].flatMap(([, body = ""]) =>
    body.split("\n").filter((line) => line.length >= 16),
  );
  const kubeconfigs = (await machine.sh("cat /var/lib/k0s/pki/*.conf /var/lib/k0s/*.conf")).stdout;
  const credentials = [...kubeconfigs.matchAll(/(?:client-key-data|token): (\S+)/g)].map(
    ([, value = ""]) => value,
  );
  const list = JSON.parse(await machine.kubectl("get", "secrets", "-A", "-o", "json")) as {
    items: { type: string; data?: Record<string, string> }[];
  };
  const inCluster = list.items.flatMap(({ data = {} }) =>
    Object.entries(data)
      .filter(([key]) => /^(token-secret|key|password|token)$/.test(key))
      .map(([, value]) => Buffer.from(value, "base64").toString()),
  );
  const ofPods = (
    await machine.sh(
      "cat $(find /var/lib/k0s/kubelet/pods -path '*serviceaccount*' -name token -o -path '*kube-api-access*' -name token | grep -v '/\\.\\.')",
    )
  ).stdout;
  return [
    ofTheSecret,
    ofTheVariable,
    token,
    ...lines,
    ...credentials,
    ...inCluster,
    ...(ofPods.match(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g) ?? []),
  ];
}
