import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PayloadIndex } from "./index-schema.ts";
import { linkCniPlugins } from "./stage-cni-plugins.ts";

let dir = "";
const at = (...parts: string[]): string => join(dir, ...parts);

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "k0s-cni-"));
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

test("links fill free names only, and those that led into a data directory that went", async () => {
  const names = ["bridge", "host-local", "loopback", "portmap", "ptp"];
  const part = { kind: "cni-plugins", files: [{ path: "cni" }], links: names.map((path) => ({ path })) };
  const index = { parts: [part] } as unknown as PayloadIndex;
  for (const name of ["new/cni-bin", "other/cni-bin", "opt"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("other/cni-bin/portmap"), "");
  writeFileSync(at("opt/host-local"), "podman's");
  symlinkSync(at("old/cni-bin/bridge"), at("opt/bridge"));
  symlinkSync(at("other/cni-bin/portmap"), at("opt/portmap"));
  symlinkSync(at("unmounted/ptp"), at("opt/ptp"));
  for (let times = 0; times < 2; times++) await linkCniPlugins({ index }, at("new/cni-bin"), at("opt"));
  expect(readdirSync(at("opt")).toSorted()).toEqual([
    "bridge",
    "cni",
    "host-local",
    "loopback",
    "portmap",
    "ptp",
  ]);
  const links = ["bridge", "cni", "loopback", "portmap", "ptp"].map((name) => readlinkSync(at("opt", name)));
  expect(links).toEqual([
    at("new/cni-bin/bridge"),
    at("new/cni-bin/cni"),
    at("new/cni-bin/loopback"),
    at("other/cni-bin/portmap"),
    at("unmounted/ptp"),
  ]);
});
