import { expect, test } from "bun:test";
import {
  dependencyArguments,
  type HelmFiles,
  installArguments,
  pullArguments,
  rollbackArguments,
  uninstallArguments,
  upgradeArguments,
} from "./arguments.ts";

const files: HelmFiles = {
  kubeconfig: "/kubeconfig",
  repositories: "/w/repositories",
  registry: "/w/registry",
  cache: "/w/cache",
  values: ["/w/values-0", "/w/values"],
  charts: "/w/charts",
  ca: "/w/ca",
  cert: "/w/cert",
  key: "/w/key",
};
const places =
  "--repository-config /w/repositories --repository-cache /w/cache --registry-config /w/registry";
const cluster = `--namespace n --kubeconfig /kubeconfig ${places}`;
const release = { name: "r", namespace: "n" };
const options = { archive: "/w/charts/a.tgz", timeoutMs: 90_500, files };
const deployment = `r /w/charts/a.tgz --wait --wait-for-jobs --hide-notes --values /w/values-0 --values /w/values --timeout 91s ${cluster}`;

test("what helm is called with", () => {
  expect(installArguments(release, { ...options, replace: false }).join(" ")).toBe(
    `install ${deployment} --create-namespace`,
  );
  expect(installArguments(release, { ...options, replace: true })).toContain("--replace");
  expect(upgradeArguments(release, { ...options, force: true }).join(" ")).toBe(
    `upgrade ${deployment} --force`,
  );
  expect(upgradeArguments(release, { ...options, force: false })).not.toContain("--force");
  expect(
    rollbackArguments(release, { to: 3, wait: true, force: false, timeoutMs: 1_000, files }).join(" "),
  ).toBe(`rollback r 3 --wait --timeout 1s ${cluster}`);
  expect(uninstallArguments(release, { timeoutMs: 1_000, files }).join(" ")).toBe(
    `uninstall r --wait --cascade foreground --ignore-not-found --debug --timeout 1s ${cluster}`,
  );
});

test("certificates of a registry are arguments, those of a repository are in its file", () => {
  const oci = { kind: "oci", reference: "oci://h/c", host: "h" } as const;
  const tls = "--ca-file /w/ca --cert-file /w/cert --key-file /w/key --insecure-skip-tls-verify";
  expect(pullArguments(oci, { version: "^1", insecure: true, plainHttp: false, files }).join(" ")).toBe(
    `pull oci://h/c --version ^1 --destination /w/charts ${tls} ${places}`,
  );
  expect(pullArguments(oci, { version: "", insecure: false, plainHttp: true, files })).toContain(
    "--plain-http",
  );
  const own = { kind: "repository", repository: "own", chart: "c" } as const;
  expect(pullArguments(own, { version: "", insecure: true, plainHttp: false, files }).join(" ")).toBe(
    `pull repository/c --destination /w/charts --insecure-skip-tls-verify ${places}`,
  );
  const how = { insecure: false, plainHttp: false, files };
  expect(dependencyArguments("/w/chart", own, how).join(" ")).toBe(`dependency build /w/chart ${places}`);
});
