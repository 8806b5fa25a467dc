// docs/airgap.md as it is written: a bundle from a real registry with TLS and a password, imported, used without a network,
// un-pinned; bundles that are damaged; pods from that registry with a hosts.toml and a Secret.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { packTar } from "modern-tar";
import { hostPlatform } from "../../../build/platform.ts";
import { buildDemoImages } from "../../../build/images/demo-images.ts";
import { openImageArchive } from "../../../src/oci/archive-reader.ts";
import { type Distribution, startDistribution } from "../../harness/distribution.ts";
import { withForeignPlatform, withOwnId } from "../../harness/push-image.ts";
import type { TestMachine } from "../../harness/test-machine.ts";

const port = 5443;
const name = `127.0.0.1:${port}`;
const imagesDir = "/var/lib/k0s/images";
const [bundled, pulled] = [`${name}/team/tool:2`, `${name}/team/shop:4`];
const work = "/root/airgap";

export function airgapTests(node: () => TestMachine): void {
  describe("without a network", () => {
    let registry: Distribution;

    beforeAll(async () => {
      await using archive = await openImageArchive(await buildDemoImages(), new AbortController().signal);
      const toolbox = archive.images.find(({ ref }) => ref.includes("toolbox"));
      if (toolbox === undefined) throw new Error("the tests' images lack the toolbox");
      const several = await withForeignPlatform(toolbox, archive, hostPlatform().arch);
      const images = [
        { as: "team/tool:2", ...several },
        // Pulled with a Secret: from then on kubelet gives this id to pods with that Secret alone.
        { as: "team/shop:4", ...(await withOwnId(toolbox, archive)) },
      ];
      registry = await startDistribution({ images, port, networkNamespace: node().networkNamespace() });
      await node().ok(["mkdir", "-p", work]);
      await node().writeFile(`${work}/config.json`, registry.dockerConfig, 0o600);
      await node().writeFile(`${work}/ca.crt`, registry.ca);
    });
    afterAll(() => registry[Symbol.asyncDispose]());

    const bundle = (...args: readonly string[]): readonly string[] => {
      const access = [
        "--registries-config",
        `${work}/config.json`,
        "--certificate-authority",
        `${work}/ca.crt`,
      ];
      return ["k0s", "airgap", "bundle-artifacts", ...access, ...args];
    };
    const tool = (image: string, pod: object = {}): string =>
      JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "tool" },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: "tool", image, imagePullPolicy: "Never", command: ["sleep", "1000000"] }],
          ...pod,
        },
      });
    const labelsOf = (image: string): Promise<string> => node().k0s("ctr", "images", "ls", `name==${image}`);

    test("a bundle has the same bytes each time, is imported while k0s runs and pinned", async () => {
      const machine = node();
      await machine.ok(bundle("-o", `${work}/one.tar`, bundled));
      await machine.ok(bundle("-o", `${work}/two.tar`, "--concurrency", "1", bundled));
      await machine.ok(["cmp", `${work}/one.tar`, `${work}/two.tar`]);
      await machine.ok(["mv", `${work}/one.tar`, `${imagesDir}/shop.tar`]);
      await machine.waitFor("the import", async () =>
        (await labelsOf(bundled)).includes("cri-containerd.pinned=pinned"),
      );
      await machine.apply(tool(bundled));
      await machine.kubectl("wait", "--for=condition=Ready", "pod/tool", "--timeout=240s");
      await machine.kubectl("delete", "pod", "tool", "--now");
      await machine.ok(["rm", `${imagesDir}/shop.tar`]);
    });

    test("what is wrong with the registry's credentials, certificate or platforms is said", async () => {
      const said = async (argv: readonly string[]): Promise<string> => {
        const { code, stderr } = await node().exec([...argv]);
        expect(code).toBe(1);
        return stderr;
      };
      const output = ["-o", `${work}/x.tar`];
      await node().writeFile(`${work}/none.json`, "{}");
      const base = ["k0s", "airgap", "bundle-artifacts", ...output];
      expect(await said([...base, bundled])).toContain("signed by an authority that is not trusted here");
      const trusted = [
        ...base,
        "--certificate-authority",
        `${work}/ca.crt`,
        "--registries-config",
        `${work}/none.json`,
      ];
      expect(await said([...trusted, bundled])).toContain("asks for credentials for team/tool");
      expect(await said(bundle(...output, "--platform", "linux/riscv64", bundled))).toContain(
        `It is there for linux/s390x, linux/${hostPlatform().arch}.`,
      );
      expect(await said(bundle(...output, `${name}/team/absent:1`))).toContain(
        `there is no ${name}/team/absent:1`,
      );
      expect((await node().ok(["ls", "-a", work])).includes("k0s-fetched")).toBe(false);
    });

    test("a full disk ends a bundle cleanly, with room again and the earlier file as it was", async () => {
      const machine = node();
      await machine.ok(["mkdir", "-p", `${work}/small`]);
      await machine.ok(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", `${work}/small`]);
      try {
        await machine.ok(["sh", "-c", `echo earlier > ${work}/small/shop.tar`]);
        const { code, stderr } = await machine.exec([...bundle("-o", `${work}/small/shop.tar`, bundled)]);
        expect([code, stderr]).toEqual([1, expect.stringContaining("no space left on device")]);
        expect(await machine.ok(["sh", "-c", `ls -A ${work}/small; cat ${work}/small/shop.tar`])).toBe(
          "shop.tar\nearlier\n",
        );
      } finally {
        await machine.ok(["umount", `${work}/small`]);
      }
    });

    test("a bundle that is damaged, or leads out of its directory, is named in log and status and left alone", async () => {
      const machine = node();
      const status = async (): Promise<string> => (await machine.exec(["k0s", "status"])).stdout;
      const errors = async (): Promise<number> =>
        (await machine.readLog("k0s")).split("left alone until it changes").length - 1;
      await machine.ok(["sh", "-c", `head -c 20000 ${work}/two.tar > ${imagesDir}/short.tar`]);
      await machine.waitFor("the short one in the status", async () =>
        (await status()).includes("the image bundle short.tar cannot be imported"),
      );
      expect(await status()).toContain(`${imagesDir}/short.tar is cut short; replace it or remove it`);
      const before = await errors();
      const escaping = await packTar([{ header: { name: "../outside", size: 1 }, body: "x" }]);
      await machine.writeFile(`${imagesDir}/.out`, escaping);
      await machine.ok(["mv", `${imagesDir}/.out`, `${imagesDir}/out.tar`]);
      await machine.waitFor("the other one in the log", async () =>
        (await machine.readLog("k0s")).includes("leads out of the archive"),
      );
      expect(await errors()).toBe(before + 1);
      await machine.ok(["rm", `${imagesDir}/short.tar`, `${imagesDir}/out.tar`]);
      await machine.waitFor("good health", async () => !(await status()).includes("image bundle"));
    });

    test("pods are pulled from the registry with its CA in hosts.toml and a Secret", async () => {
      const machine = node();
      const certs = `/etc/k0s/certs.d/${name}`;
      await machine.ok(["mkdir", "-p", certs]);
      await machine.writeFile(`${certs}/ca.crt`, registry.ca);
      await machine.writeFile(
        `${certs}/hosts.toml`,
        `server = "https://${name}"\n[host."https://${name}"]\n  ca = "${certs}/ca.crt"\n`,
      );
      const { user, password } = registry;
      const account = [
        `--docker-server=${name}`,
        `--docker-username=${user}`,
        `--docker-password=${password}`,
      ];
      await machine.kubectl("create", "secret", "docker-registry", "shop", ...account);
      const container = { name: "tool", image: pulled, command: ["sleep", "1000000"] };
      await machine.apply(tool(pulled, { containers: [container], imagePullSecrets: [{ name: "shop" }] }));
      await machine.kubectl("wait", "--for=condition=Ready", "pod/tool", "--timeout=240s");
      await machine.kubectl("delete", "pod", "tool", "--now");
      expect(registry.requests()).toContain("HEAD /v2/team/shop/manifests/4 200");
    });

    test("its images have lost their pin with the file", async () => {
      const machine = node();
      expect((await machine.exec(["test", "-e", `${imagesDir}/shop.tar`])).code).not.toBe(0);
      await machine.waitFor(
        "the end of the pin",
        async () => !(await labelsOf(bundled)).includes("pinned=pinned"),
      );
    });
  });
}
