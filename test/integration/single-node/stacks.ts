// How folders of manifests are applied, as `k0s stack` tells it.

import { expect, test } from "bun:test";
import type { TestMachine } from "../../harness/test-machine.ts";

interface Listed {
  readonly stacks: readonly { readonly name: string; readonly phase: string; readonly objects?: number }[];
}

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: default}\ndata: {value: "${value}"}\n`;

const listedOn = async (node: TestMachine): Promise<Listed> =>
  JSON.parse(await node.k0s("stack", "list", "-o", "json")) as Listed;

export function stackTests(node: () => TestMachine): void {
  const folder = "/var/lib/k0s/manifests/shop";
  const listed = (): Promise<Listed> => listedOn(node());
  const becomes = (stack: string, phase: string): Promise<unknown> =>
    node().waitFor(`${stack} ${phase}`, async () =>
      (await listed()).stacks.some((entry) => entry.name === stack && entry.phase === phase),
    );

  test("k0s' own stacks are applied, and list says so with its exit code", async () => {
    await node().waitFor("every stack", () => node().k0s("stack", "list"));
    const { stacks } = await listed();
    const phases = new Map(stacks.map(({ name, phase }) => [name, phase]));
    expect(phases.get("coredns")).toBe("Applied");
    expect([...phases.keys()]).not.toContain("bootstraprbac");
  });

  test("a stack from its first file on: applied, refused with file and line, compared, taken away", async () => {
    const machine = node();
    await machine.ok(["mkdir", "-p", folder]);
    await machine.writeFile(`${folder}/a.yaml`, configMap("shop-a", "1"));
    await becomes("shop", "Applied");
    expect(await machine.k0s("stack", "diff", "shop")).toBe("shop: 1 as in the manifests\n");

    await machine.writeFile(
      `${folder}/b.yaml`,
      `${configMap("shop-b", "1")}---\nkind: ConfigMap\n  metadata: {}\n`,
    );
    await becomes("shop", "Failed");
    const failed = await machine.exec(["k0s", "stack", "status", "shop"]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain(`${folder}/b.yaml:7:`);
    expect((await machine.exec(["k0s", "stack", "diff", "shop"])).stdout).toContain(
      "shop: nothing is applied",
    );
    expect((await machine.exec(["k0s", "stack", "list"])).code).toBe(1);

    await machine.writeFile(
      `${folder}/b.yaml`,
      `${configMap("shop-b", "1")}---\napiVersion: shop.example.com/v1\nkind: Order\nmetadata: {name: o, namespace: default}\n`,
    );
    await becomes("shop", "Waiting");
    const diff = await machine.exec(["k0s", "stack", "diff", "shop"]);
    expect(diff.stdout).toContain("! Order default/o (b.yaml:6): the API server knows no kind Order");
    expect(diff.code).toBe(1);
    const data: unknown = JSON.parse(await machine.k0s("stack", "diff", "shop", "-o", "json"));
    expect(JSON.stringify(data)).toContain('"action":"refused"');

    await machine.writeFile(`${folder}/b.yaml`, configMap("shop-b", "1"));
    await becomes("shop", "Applied");
    expect(await machine.k0s("stack", "status", "shop")).toContain("shop: Applied since");
    const events = ["get", "events", "-n", "kube-system", "-l", "k0s.k0sproject.io/about-stack=shop"];
    const reasons = await machine.kubectl(...events, "-o", "jsonpath={.items[*].reason}");
    expect(reasons.split(" ").sort()).toContain("StackFailed");
    expect(reasons).toContain("StackApplied");

    await machine.ok(["rm", "-r", folder]);
    await becomes("shop", "Removing");
  });
}

/** What was taken away stays for a minute, lest it was a mistake; other tests come between. */
export function removedStackTests(node: () => TestMachine): void {
  test("the stack that was taken away goes, with its objects", async () => {
    const machine = node();
    await machine.waitFor("shop to go", async () =>
      (await listedOn(machine)).stacks.every(({ name }) => name !== "shop"),
    );
    expect(await machine.kubectl("get", "configmap", "-o", "name")).not.toContain("shop-");
    const gone = await machine.exec(["k0s", "stack", "status", "shop"]);
    expect(gone.stderr).toContain("there is no stack shop");
  });
}
