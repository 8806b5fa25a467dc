import { expect, test } from "bun:test";
import { parseClusterConfig } from "../../config/load.ts";
import { pluginsAtWork } from "./admission-plugins.ts";

const node = { single: false, dataDir: "/d", publicAddress: "192.0.2.1" };
const atWork = (spec: object) => pluginsAtWork(parseClusterConfig(JSON.stringify({ spec }), node).config);

test("plug-ins at work are those of kube-apiserver, of k0s and of the flags that somebody gives", () => {
  expect([...atWork({})]).toContain("PodSecurity");
  expect([...atWork({})]).toContain("NodeRestriction");
  expect([...atWork({})]).not.toContain("ImagePolicyWebhook");
  expect([...atWork({ security: { eventRateLimit: { enabled: true } } })]).toContain("EventRateLimit");
  const flags = {
    extraArgs: { "enable-admission-plugins": "ImagePolicyWebhook, PodNodeSelector" },
    rawArgs: ["--enable-admission-plugins=AlwaysPullImages", "--disable-admission-plugins", "PodSecurity"],
  };
  const given = [...atWork({ api: flags })];
  for (const name of ["ImagePolicyWebhook", "PodNodeSelector", "AlwaysPullImages", "Priority"])
    expect(given).toContain(name);
  for (const name of ["PodSecurity", "NodeRestriction"]) expect(given).not.toContain(name);
});
