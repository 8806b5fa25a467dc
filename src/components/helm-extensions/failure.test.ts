import { expect, test } from "bun:test";
import { explained, shownError } from "./failure.ts";

test("of what helm prints the error is shown, without passwords", () => {
  const stderr = [
    "WARNING: Kubernetes configuration file is group-readable.",
    "W1126 10:00:00.000000    1 warnings.go:70] unknown field",
    "Error: failed to fetch https://me:hidden@host/index.yaml : 401",
    "token t0psecret",
  ].join("\n");
  expect(shownError({ stdout: "", stderr }, ["t0psecret", "hi"])).toBe(
    "failed to fetch https://me:xxxxx@host/index.yaml : 401 token xxxxx",
  );
  expect(shownError({ stdout: "", stderr: "x".repeat(5_000) }, [])).toHaveLength(1_001);
});

test("why a release cannot be deleted is found among what helm tells with --debug", () => {
  const at = "2026-11-26 23:00:00.1 +0000 UTC m=+0.1 [debug]";
  const stderr = `uninstall.go:103: ${at} uninstall: Deleting r
uninstall.go:125: ${at} uninstall: Failed to delete release: [unable to build: no matches for kind "A" in version "b/v1"
ensure CRDs are installed first]
Error: failed to delete release: r
helm.go:92: ${at} failed to delete release: r
helm.sh/helm/v3/pkg/action.(*Uninstall).Run
`;
  expect(shownError({ stdout: "", stderr }, [])).toBe(
    'failed to delete release: r: unable to build: no matches for kind "A" in version "b/v1" ensure CRDs are installed first',
  );
});

test("why a repository cannot be read is on stdout", () => {
  const stdout = `Hang tight while we grab the latest from your chart repositories...
...Unable to get an update from the "repository" chart repository (https://charts.example):
\tfailed to fetch https://charts.example/index.yaml : 401 Unauthorized
`;
  const stderr = "Error: Failed to update the following repositories: [https://charts.example]\n";
  expect(shownError({ stdout, stderr }, [])).toBe(
    "Failed to update the following repositories: [https://charts.example]: failed to fetch https://charts.example/index.yaml : 401 Unauthorized",
  );
});

test("a hook that did not end, or failed, is named", () => {
  const hook = (phase: string) => ({ name: "j", kind: "Job", events: ["pre-upgrade"], last_run: { phase } });
  for (const phase of ["Running", "Failed"])
    expect(explained("timed out", [hook(phase)])).toBe(
      "the hook Job j (pre-upgrade) did not end in time: timed out",
    );
  expect(explained("job failed", [hook("Failed"), hook("Succeeded"), hook("")])).toBe(
    "the hook Job j (pre-upgrade) has failed: job failed",
  );
});

test("a kind that is gone, or not there yet, is named", () => {
  const missing = 'no matches for kind "Thing" in version "example.com/v1" ensure CRDs are installed first';
  const current = `unable to build kubernetes objects from current release manifest: ${missing}`;
  expect(explained(current)).toStartWith(
    "the release holds objects of a kind that the cluster no longer has, Thing (example.com/v1); install its definition again: ",
  );
  expect(
    explained(`unable to build kubernetes objects from release manifest: ${missing}, ${missing}`),
  ).toStartWith("the cluster has no kind Thing (example.com/v1); install its definition first: ");
});
