import { expect, test } from "bun:test";
import { directoryRefusal, homesOf } from "./directory-rules.ts";

const facts = { homes: ["/root", "/srv/people/ann"], workingDirectory: "/srv/project" };

test.each([
  ["/", "root directory"],
  ["/home", "directory of the system"],
  ["/home/ann", "home directory"],
  ["/srv/people/ann", "home directory"],
  ["/root", "directory of the system"],
  ["/var", "directory of the system"],
  ["/var/lib", "directory of the system"],
  ["/etc/k0s", "directory of the system"],
  ["/usr/local/bin", "directory of the system"],
  ["/usr/lib/systemd/system", "directory of the system"],
  ["/proc/1", "directory of the system"],
  ["/mnt", "directory of the system"],
  ["/srv/project", "working directory"],
])("%s is refused: %s", (path, why) => {
  expect(directoryRefusal(path, facts)).toContain(why);
});

test.each([
  "/var/lib/k0s",
  "/opt/k0s",
  "/mnt/disk/k0s",
  "/srv/project/k0s",
  "/home/ann/k0s",
  "/tmp/k0s",
  "/data",
])("%s is fine", (path) => {
  expect(directoryRefusal(path, facts)).toBeUndefined();
});

test("a unit may start k0s in its default directory", () => {
  expect(directoryRefusal("/var/lib/k0s", { ...facts, workingDirectory: "/var/lib/k0s" })).toBeUndefined();
});

test("homes are those of people, not of services", () => {
  const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
etcd:x:998:998::/var/lib/k0s:/bin/false
ann:x:1000:1000::/srv/people/ann/:/bin/zsh
locked:x:0:0::/recovery:/usr/sbin/nologin
broken
kube-apiserver:x:990:990::/var/lib/k0s:/bin/sh
`;
  expect(homesOf(passwd, ["kube-apiserver"])).toEqual(["/root", "/srv/people/ann", "/recovery"]);
});
