import { expect, test } from "bun:test";
import { dropInFault, faultText, jointFault } from "./drop-in-faults.ts";

const textOf = (toml: string): string | undefined => {
  const fault = dropInFault(toml);
  return fault && `${fault.kind} ${faultText(fault)}`;
};
const runtime = '[plugins."io.containerd.cri.v1.runtime"';
const images = '[plugins."io.containerd.cri.v1.images"';

test.each([
  ["version = 3\n[plugins\n", "syntax line 2: TOML Parse error: Expected ']'"],
  ["# one\n\nversion = 3\nimports = [\n  'a',\n  'b'\n\n[debug]\n", "syntax line 4: "],
  ["version = 3\nversion = 3\n", "syntax line 2: "],
  ["# older\nversion = 2\n", "version line 2: version 2"],
  [`version = 3\n\n[plugins."io.containerd.grpc.v1.cri".registry]\n`, "section line 3: io.containerd.grpc"],
  ["[plugins.'io.containerd.grpc.v1.cri']\n", "section line 1: "],
  ['imports = "a"\n', "value line 1: imports has to be a list of strings"],
  [
    `version = 3\n${runtime}.cni]\n  conf_dir = "/a"\n  bin_dirs = "/opt/cni/bin"\n`,
    'value line 4: plugins."io.containerd.cri.v1.runtime".cni.bin_dirs has to be a list of strings',
  ],
  [
    `${runtime}.containerd.runtimes.foo]\n  runtime_type = 2\n`,
    'value line 2: plugins."io.containerd.cri.v1.runtime".containerd.runtimes.foo.runtime_type has to be a string',
  ],
  [`${images}]\nimage_pull_progress_timeout = "5 minutes"\n`, "value line 2: "],
  [`${images}.registry.mirrors]\n"docker.io" = ["https://m"]\n`, "value line 2: "],
  [`[debug]\nlevel = "info"\n[[plugins]]\n`, "value line 3: plugins has to be a table"],
  ['version = 3\ndisabled_plugins = ["zfs"]\n', "value line 2: disabled_plugins: zfs is no plug-in"],
  ['disabled_plugins = ["cri"]\n', "value line 1: disabled_plugins: without cri this node has no pods"],
  [
    '\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n',
    "value line 2: disabled_plugins: without io.containerd.grpc.v1.cri this node has no pods",
  ],
])("what a node does not run with is told with its line: %#", (toml, expected) => {
  expect(textOf(toml)).toStartWith(expected);
});

test.each([
  "",
  "version = 3\n",
  `version = 3\n${runtime}.containerd.runtimes.foo]\n  runtime_type = "io.containerd.runc.v2"\n  options = { BinaryName = "/x" }\n`,
  `${images}]\n  image_pull_progress_timeout = "1m30s"\n  max_concurrent_downloads = 5\n`,
  `${images}.registry]\n  config_path = "/etc/k0s/certs.d"\n`,
  'disabled_plugins = ["io.containerd.snapshotter.v1.zfs"]\n[plugins."of.somebody.else"]\n  anything = [1, 2]\n',
  'disabled_plugins = ["aufs", "zfs"]\n',
])("what it runs with is not: %#", (toml) => {
  expect(textOf(toml)).toBeUndefined();
});

const joint = (runtimes: readonly string[], ...texts: string[]): string | undefined => {
  const fault = jointFault(
    texts.map((text, index) => ({ path: `${index}.toml`, text })),
    runtimes,
  );
  return fault && `${fault.path} ${faultText(fault)}`;
};

test("files that a node does not run with together", () => {
  const byDefault = `${runtime}.containerd]\n  default_runtime_name = "nvidia"\n`;
  const handler = `${runtime}.containerd.runtimes.nvidia]\n  runtime_type = "io.containerd.runc.v2"\n`;
  expect(joint([], handler, byDefault)).toBeUndefined();
  expect(joint(["nvidia"], byDefault)).toBeUndefined();
  expect(joint([], `imports = ["/etc/n/*.toml"]\n${byDefault}`)).toBeUndefined();
  expect(joint(["crun"], "version = 3\n", byDefault)).toBe(
    '1.toml line 2: default_runtime_name: there is no runtime "nvidia"',
  );
  expect(joint([], `${runtime}.cni]\nbin_dir = "/opt/cni/bin"\n`)).toStartWith(
    "0.toml line 2: bin_dir cannot",
  );
  expect(joint([], `${runtime}.cni]\nbin_dir = ""\n`)).toBeUndefined();
  const mirrors = `${images}.registry.mirrors."docker.io"]\n  endpoint = ["https://m"]\n`;
  const directory = `${images}.registry]\n  config_path = "/etc/certs"\n`;
  expect(joint([], mirrors)).toBeUndefined();
  expect(joint([], directory, `${images}.registry.mirrors]\n`)).toBeUndefined();
  expect(joint([], `${images}.registry]\nconfig_path = ""\n`, mirrors)).toBeUndefined();
  expect(joint([], directory, `\n${mirrors}`)).toBe("1.toml line 2: mirrors cannot stand beside config_path");
});
