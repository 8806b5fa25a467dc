import { afterAll, beforeAll, expect, test } from "bun:test";
import { feedFiles } from "./feed.ts";
import { releaseServer, type ReleaseServer } from "./release-server.ts";
import { newest, readPublished, type SharedFiles, versionIn } from "./shared-files.ts";

const filesOf = (version: string): SharedFiles =>
  new Map([
    ...feedFiles({ version, endOfLife: "", platforms: [] }),
    ["install.sh", `#!/bin/sh\nrelease_version='${version}'\n`],
  ]);
const versionsOf = (files: SharedFiles): Record<string, string> =>
  Object.fromEntries([...files].map(([path, text]) => [path, versionIn(path, text)]));

test("an older version has its own channel alone", () => {
  const newer = "v1.37.3+k0s.0";
  const own = "v1.36.9+k0s.0";
  expect(versionsOf(newest(filesOf(own), [filesOf("v1.37.2+k0s.0"), filesOf(newer)]))).toEqual({
    "latest/index.yaml": newer,
    "stable/index.yaml": newer,
    "stable/v1.36/index.yaml": own,
    "latest.txt": newer,
    "stable.txt": newer,
    "install.sh": newer,
  });
});

test("a newer one, and the same one again, have all of them", () => {
  const own = "v1.37.3+k0s.1";
  for (const older of ["v1.37.3+k0s.0", "v1.36.12+k0s.0", "v1.37.3-rc.1+k0s.0"])
    expect(new Set(Object.values(versionsOf(newest(filesOf(own), [filesOf(older)]))))).toEqual(
      new Set([own]),
    );
  const again = new Map([...filesOf(own)].map(([path, text]) => [path, `${text}\n`] as const));
  expect(newest(filesOf(own), [again])).toEqual(filesOf(own));
});

test("a pre-release is the latest, and not what the script installs", () => {
  expect(versionsOf(newest(filesOf("v1.38.0-rc.1+k0s.0"), [filesOf("v1.37.3+k0s.0")]))).toEqual({
    "latest/index.yaml": "v1.38.0-rc.1+k0s.0",
    "latest.txt": "v1.38.0-rc.1+k0s.0",
    "install.sh": "v1.37.3+k0s.0",
  });
});

let server: ReleaseServer;
beforeAll(() => {
  const bodies = new Map([
    ["/latest.txt", "v1.37.3+k0s.0\n"],
    ["/stable.txt", "<html>Welcome</html>"],
  ]);
  server = releaseServer((path) => {
    const body = bodies.get(path);
    return body === undefined ? undefined : { body };
  });
});
afterAll(() => server[Symbol.dispose]());

test("what is published is read; what names no version, and a server that is not there, are said", async () => {
  const { signal } = new AbortController();
  const paths = ["latest.txt", "stable.txt", "latest/index.yaml"];
  const published = await readPublished(server.url, paths, signal);
  expect([...published.keys()]).toEqual(["latest.txt", "stable.txt"]);
  expect(() => newest(filesOf("v1.36.9+k0s.0"), [published])).toThrow("stable.txt names no version of k0s");
  expect(readPublished("http://127.0.0.1:1", paths, signal)).rejects.toThrow(
    "cannot read http://127.0.0.1:1/latest.txt",
  );
});
