import { expect, test } from "bun:test";
import { fileUrl, namesVersion, platformFiles } from "./file-names.ts";

test("files have the names by which k0sctl and upstream's scripts ask for them", () => {
  const files = platformFiles("v1.37.2+k0s.0", { os: "linux", arch: "arm64" });
  expect(files).toEqual({
    k0s: "k0s-v1.37.2+k0s.0-arm64",
    sbom: "k0s-v1.37.2+k0s.0-arm64.spdx.json",
    imageList: "airgap-images-linux-arm64.txt",
    airgapBundle: "k0s-airgap-bundle-v1.37.2+k0s.0-linux-arm64.tar",
    containerImage: "k0s-container-image-v1.37.2+k0s.0-linux-arm64.tar",
    containerImageSbom: "k0s-container-image-v1.37.2+k0s.0-linux-arm64.spdx.json",
    vmImageRaw: "k0s-vm-image-v1.37.2+k0s.0-linux-arm64.raw",
    vmImageQcow2: "k0s-vm-image-v1.37.2+k0s.0-linux-arm64.qcow2",
    vmImageSbom: "k0s-vm-image-v1.37.2+k0s.0-linux-arm64.spdx.json",
  });
  expect(fileUrl("https://example.org/k0s/", "v1.37.2+k0s.0", files.k0s)).toBe(
    "https://example.org/k0s/v1.37.2%2Bk0s.0/k0s-v1.37.2+k0s.0-arm64",
  );
});

test("a name has the version, followed by the end of it", () => {
  const version = "v1.37.2+k0s.1";
  for (const name of [`k0s-${version}-amd64.qcow2`, `${version}.iso`])
    expect(namesVersion(name, version)).toBe(true);
  for (const name of [`k0s-${version}0-amd64.qcow2`, "k0s-v1.37.2+k0s.0.iso", `k0s-${version}`])
    expect(namesVersion(name, version)).toBe(false);
});
