import { expect, test } from "bun:test";
import { clusterConfigSchema } from "./cluster-config.ts";
import { defaultImageUri, imageKeys, imageUri } from "./images.ts";

const schema = clusterConfigSchema({ single: false, dataDir: "/var/lib/k0s", publicAddress: "10.0.0.1" });

test("each image is the one of the file, unless the field that its key names has another one", () => {
  for (const key of imageKeys()) {
    const own = { image: "example.org/own", version: "1.2.3" };
    const images = key.split(".").reduceRight<object>((inner, name) => ({ [name]: inner }), own);
    expect(imageUri(schema.parse({}), key)).toBe(defaultImageUri(key));
    expect([key, imageUri(schema.parse({ spec: { images } }), key)]).toEqual([key, "example.org/own:1.2.3"]);
  }
});

test("repository replaces the registry of each image, also of one's own", () => {
  const own = { image: "example.org/a/own", version: "1" };
  const config = schema.parse({ spec: { images: { repository: "reg.example/mirror", coredns: own } } });
  expect(imageUri(config, "coredns")).toBe("reg.example/mirror/a/own:1");
  for (const key of imageKeys()) expect(imageUri(config, key)).toStartWith("reg.example/mirror/");
});
