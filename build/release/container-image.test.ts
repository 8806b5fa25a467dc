import { expect, test } from "bun:test";
import { imageUsers, k0sImage } from "../../images/k0s/image.ts";
import { controllerRole } from "../../src/roles/controller.ts";
import { usersOf } from "../../src/roles/folds/users.ts";
import { imageConfig, imageTag } from "./container-image.ts";

test("the image has every system user of a controller, and each number once", () => {
  expect(Object.keys(imageUsers).toSorted()).toEqual([...usersOf(controllerRole)].toSorted());
  const ids = Object.values(imageUsers);
  expect(new Set(ids).size).toBe(ids.length);
  const files = k0sImage.layers.flatMap(({ entries }) => entries);
  const passwd = files.find((entry) => entry.kind === "text" && entry.path === "/etc/passwd");
  expect(passwd).toMatchObject({
    text: expect.stringContaining("etcd:x:999:999::/var/lib/k0s:/bin/false\n"),
  });
});

test("a runtime is told command, volumes and version, and no date", () => {
  const layers = [{ name: "k0s", diffId: "sha256:00" }];
  expect(imageConfig({ os: "linux", arch: "arm64" }, "v1.37.2+k0s.0", layers)).toMatchObject({
    created: "1970-01-01T00:00:00Z",
    architecture: "arm64",
    config: {
      Entrypoint: ["/entrypoint.sh"],
      Cmd: ["k0s", "controller", "--enable-worker"],
      Volumes: { "/var/lib/k0s": {}, "/var/log/pods": {} },
      Labels: { "org.opencontainers.image.version": "v1.37.2+k0s.0" },
    },
    rootfs: { diff_ids: ["sha256:00"] },
  });
  expect(imageTag("v1.37.2+k0s.0")).toBe("v1.37.2-k0s.0");
});
