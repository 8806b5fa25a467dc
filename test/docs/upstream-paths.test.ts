// Comments name upstream's sources by paths that can be opened, and point to nothing outside of the repository.

import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const top = join(import.meta.dir, "../..");
const sources = [...new Bun.Glob("{src,test,build,bench,images,launcher}/**/*.{ts,go}").scanSync(top)]
  // Generated, programs of others, and the examples below.
  .filter((path) => !/^src\/proto\/|node_modules|docs\/upstream-paths/.test(path))
  .toSorted();

/** Folders of upstream k0s that a path can begin with. */
const folder = /^(?:cmd|docs|internal|inttest|pkg|static)\//;
/** A package of Go elsewhere, such as k8s.io/kubernetes/pkg/util/taints. */
const elsewhere = /^[a-z\d-]+(?:\.[a-z\d-]+)+\/./;
/** Plain names; the last one is a folder or ends as files of upstream do. */
const shape = /^(?:\w[\w.-]*\/)*(?:[\w-]+|\w[\w.-]*\.(?:go|md|yaml))$/;
/** Notes of those who wrote this repository, which are not in it. */
const outside =
  /^§|\b(?:reference|design)(?:'s)? §|\b(?:running-here|typescript-on-bun|k0s(?:ctl)?-behaviour|user story \d+)\b/i;

/** What is wrong with a line of a source, or undefined. */
function problemOf(line: string): string | undefined {
  const comment = /(?:^|\s)(?:\/\/|\/?\*\*?) (.*?)(?: \*\/)?$/.exec(line)?.[1];
  if (comment === undefined) return undefined;
  if (outside.test(comment)) return "points to something outside of the repository";
  const [sentence, rest = ""] = /\bupstream: (.*)$/i.exec(comment) ?? [];
  if (sentence === undefined) return undefined;
  if (!sentence.startsWith("U")) {
    return /^\S+\//.test(rest) ? "a path of upstream has a sentence of its own: Upstream: …" : undefined;
  }
  const [first = "", ...others] = pathsOf(rest);
  const known = first === "main.go" || first === "cmd" || folder.test(first) || elsewhere.test(first);
  const bad = known ? [first, ...others].find((path) => !shape.test(path)) : first;
  return bad === undefined ? undefined : `no path of upstream: ${bad}`;
}

/** The words of a text up to the first that is no path; signs at the end and remarks in brackets are left out. */
function pathsOf(text: string): readonly string[] {
  const words = text.replaceAll(/ \([^)]*\)/g, "").split(/\s+/);
  const end = words.findIndex((word, at) => at > 0 && !word.includes("/"));
  return (end === -1 ? words : words.slice(0, end)).map((word) => word.replace(/[,;.:]+$/, ""));
}

test("comments point to upstream's sources by path, and to nothing outside of the repository", () => {
  const found = sources.flatMap((path) =>
    readFileSync(join(top, path), "utf8")
      .split("\n")
      .flatMap((line, at) => {
        const problem = problemOf(line);
        return problem === undefined ? [] : [`${path}:${at + 1}: ${problem}`];
      }),
  );
  expect(found).toEqual([]);
});

test.each([
  "// etcd. Upstream: pkg/component/controller/etcd.go.",
  "// What a node runs. Upstream: cmd/controller/controller.go (needToJoin), pkg/token/joinclient.go; docs/adr/0015.",
  "/** The schema. Upstream: static/manifests/k0s/CustomResourceDefinition/k0s.k0sproject.io_clusterconfigs.yaml. */",
  " * Upstream: k8s.io/kubernetes/pkg/util/taints, which differs.",
  "// Upstream hands its own over whole: pkg/supervisor/supervisor.go.",
])("is right: %s", (line) => {
  expect(problemOf(line)).toBeUndefined();
});

test.each([
  "// etcd. Upstream: pkg/component/controller/etcd.go; reference §7.2.",
  "// Reference §2.5.",
  "// Recipe: running-here.md §4.",
  "// §5.1); here a node may run for years.",
  "// Two files. Upstream: pkg/component/controller/{calico,kuberouter}.go.",
  "// A check; upstream: pkg/component/status/status.go.",
  "// A check. Upstream: pkg/component/... pre-flight.",
  "// A stack. Upstream: pkg/component/controller/",
  "// Its path is elsewhere. Upstream: server/etcdserver/api/rafthttp.",
  "  /** A sentence. Upstream: Stack.Apply in */",
])("is wrong: %s", (line) => {
  expect(problemOf(line)).toBeDefined();
});
