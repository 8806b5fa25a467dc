import { expect, test } from "bun:test";
import { awayRemedy, damageRemedy } from "./remedy.ts";

const member = (id: string, host: string, port = 2380) => ({
  id,
  name: `c${id}`,
  peerUrls: [`https://${host}:${port}`],
  isLearner: false,
});
const members = [member("1", "10.0.0.1"), member("a2", "[fd00::2]"), member("3", "10.0.0.3", 2390)];

/** That takes out the member of the host on which it is typed. */
const bareLeave = /`k0s etcd leave`/;

test("a member that is away is taken out by its address, not the one that is asked", () => {
  const text = awayRemedy(["10.0.0.2", "10.0.0.3"], false);
  expect(text).toEndWith(
    "taken out with `k0s etcd leave --peer-address=10.0.0.2`, `k0s etcd leave --peer-address=10.0.0.3`",
  );
  expect(awayRemedy([], false)).not.toMatch(bareLeave);
});

test("without a quorum nobody can be taken out, so nothing is said of how", () => {
  expect(awayRemedy(["10.0.0.2"], true)).not.toContain("--peer-address");
});

test("the member that has raised the alarm is taken out, whoever is asked", () => {
  expect(damageRemedy("a2", members)).toBe(
    "the data of ca2 are damaged: take it out of the cluster with `k0s etcd leave --peer-address=fd00::2`, and let it join again",
  );
  for (const id of ["3", "0"]) {
    expect(damageRemedy(id, members)).toContain("k0s etcd leave and its --peer-address");
    expect(damageRemedy(id, members)).not.toMatch(bareLeave);
  }
  expect(damageRemedy("1", members.slice(0, 1))).toContain("backup");
});
