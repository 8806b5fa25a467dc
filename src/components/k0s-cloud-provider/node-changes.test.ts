import { describe, expect, test } from "bun:test";
import { type Node, type NodeAddress, nodeKind, waitsForCloudProvider } from "../../kube/objects/node.ts";
import {
  addressChange,
  externalAddressAnnotation as external,
  initialization,
  lookedAt,
  nodeIpAnnotation as nodeIp,
} from "./node-changes.ts";

const waiting = {
  key: "node.cloudprovider.kubernetes.io/uninitialized",
  value: "true",
  effect: "NoSchedule",
};
const other = { key: "only", value: "me", effect: "NoExecute" };
const name = { type: "Hostname", address: "w1" };
const internal = (address: string): NodeAddress => ({ type: "InternalIP", address });
const outside = (address: string): NodeAddress => ({ type: "ExternalIP", address });

function node(
  annotations: Record<string, string>,
  addresses: readonly NodeAddress[] = [],
  spec: NonNullable<Node["spec"]> = {},
): Node {
  const metadata = { name: "w1", uid: "u", resourceVersion: "7", labels: { a: "b" }, annotations };
  return { ...nodeKind, metadata, spec, status: { addresses, conditions: [] } };
}

describe("initialization", () => {
  const labels = {
    "beta.kubernetes.io/instance-type": "k0s-cloud-provider",
    "node.kubernetes.io/instance-type": "k0s-cloud-provider",
  };

  test("takes the taint away and no other one, and gives the provider's id and type", () => {
    const fresh = node({}, [], { taints: [other, waiting] });
    expect(waitsForCloudProvider(fresh)).toBe(true);
    expect(initialization(fresh)).toEqual({
      metadata: { resourceVersion: "7", labels },
      spec: { providerID: "k0s-cloud-provider://w1", taints: [other] },
    });
    expect(waitsForCloudProvider(node({}, [], { taints: [other] }))).toBe(false);
    expect(waitsForCloudProvider(node({}))).toBe(false);
  });

  test("leaves an id that the kubelet was started with: the API lets nobody change it", () => {
    const named = node({}, [], { providerID: "rack://7", taints: [waiting] });
    expect(initialization(named)).toEqual({
      metadata: { resourceVersion: "7", labels },
      spec: { taints: [] },
    });
  });
});

describe("addresses", () => {
  const cases: readonly [what: string, before: Node, after: readonly NodeAddress[] | undefined][] = [
    ["none are known", node({}), undefined],
    ["nothing is noted", node({}, [internal("10.0.0.1"), name]), undefined],
    [
      "an outer one is noted",
      node({ [external]: "1.2.3.4" }, [internal("10.0.0.1"), name]),
      [internal("10.0.0.1"), outside("1.2.3.4"), name],
    ],
    ["it is there already", node({ [external]: "1.2.3.4" }, [outside("1.2.3.4"), name]), undefined],
    [
      "several are noted, one of them twice",
      node({ [external]: "1.2.3.4, 2041:0:140F::875B:131B,,1.2.3.4" }, [name]),
      [outside("1.2.3.4"), outside("2041:0:140F::875B:131B"), name],
    ],
    ["it is not an address", node({ [external]: "GIGO" }, [name]), [outside("GIGO"), name]],
    [
      "it is not noted any more",
      node({}, [internal("10.0.0.1"), outside("1.2.3.4"), name]),
      [internal("10.0.0.1"), name],
    ],
    [
      "it was the only one, and the note is empty",
      node({ [external]: "" }, [outside("1.2.3.4"), name]),
      [name],
    ],
    [
      "kubelet was told its own",
      node({ [nodeIp]: "10.0.0.2" }, [internal("10.0.0.1"), name]),
      [internal("10.0.0.2"), name],
    ],
    [
      "kubelet was told two",
      node({ [nodeIp]: "10.0.0.2,fd00::2" }, [name]),
      [internal("10.0.0.2"), internal("fd00::2"), name],
    ],
    ["two of one type are there", node({}, [internal("10.0.0.1"), internal("fd00::1"), name]), undefined],
  ];

  test.each(cases)("%s", (_, before, after) => {
    const version = { resourceVersion: "7" };
    const change = after && { metadata: version, status: { addresses: after } };
    expect(addressChange(before)).toEqual(change);
    // What is held of a Node is enough.
    expect(addressChange(lookedAt(before))).toEqual(change);
  });
});

test("of a Node is held what is looked at", () => {
  const whole = node({ [external]: "1.2.3.4", other: "x" }, [name], { taints: [waiting] });
  expect(lookedAt(whole)).toEqual({
    ...nodeKind,
    metadata: { name: "w1", resourceVersion: "7", annotations: { [external]: "1.2.3.4" } },
    spec: { providerID: "", taints: [waiting] },
    status: { addresses: [name] },
  });
});
