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
