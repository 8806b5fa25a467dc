import { hostPlatform, parsePlatform, type Platform } from "../../oci/platform.ts";
import { defineCommand } from "../core/command.ts";
import { boolFlag, intFlag, parsedFlag, splitList, stringFlag } from "../core/flag.ts";
import {
  configFlag,
  debugFlags,
  obsoletePersistentFlags,
  persistentFlags,
} from "../core/persistent-flags.ts";

const platformsFlag = (description: string) =>
  parsedFlag<readonly Platform[]>(
    "platform",
    `${description} (default: that of this host)`,
    { value: [hostPlatform()], text: "" },
    (texts) => texts.flatMap(splitList).map(parsePlatform),
    { repeatable: true },
  );

const listImagesCommand = defineCommand({
  name: "list-images",
  summary: "List the images that a cluster of this configuration needs",
  description: `List the images that a cluster of this configuration needs, one a line. Those for
Linux are in the k0s file; a cluster pulls them only if spec.images names others. Nodes with Windows pull theirs.`,
  example: `k0s airgap list-images --config k0s.yaml`,
  args: { min: 0, max: 0 },
  flags: {
    ...persistentFlags,
    ...debugFlags,
    config: configFlag,
    all: boolFlag("all", "those of every configuration"),
    platform: platformsFlag("for nodes of this platform, OS/ARCHITECTURE"),
  },
  run: async ({ flags, io }) => (await import("./list-images.ts")).listImages(flags, io),
});

const insecureChoices = ["no", "skip-tls-verify", "plain-http"] as const;

const bundleArtifactsCommand = defineCommand({
  name: "bundle-artifacts",
  usage: "[names...]",
  summary: "Write images and charts into one archive for hosts without a network",
  description: `Write images into one archive (an OCI image layout in a tar) for the folder of images of a node without a network. The names
are arguments, or words on standard input. Images of k0s itself come out of its file, all others from their registries.
With --config the Helm charts of that configuration are in the archive, too, and what they depend on; their images are not.`,
  example: `A bundle with two images of your own:
  $ k0s airgap bundle-artifacts -o shop.tar docker.io/library/nginx:1.29 registry.example/shop:4
The charts of a configuration:
  $ k0s airgap bundle-artifacts -o charts.tar --config k0s.yaml
All that the cluster itself needs:
  $ k0s airgap list-images | k0s airgap bundle-artifacts -o k0s-images.tar`,
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  flags: {
    ...debugFlags,
    ...obsoletePersistentFlags,
    config: stringFlag("config", "file whose Helm charts are bundled, too; - for standard input", {
      short: "c",
    }),
    output: stringFlag("output", "file to write (default: standard output, unless it is a terminal)", {
      short: "o",
    }),
    platform: platformsFlag("for this platform, OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT; repeatable"),
    concurrency: intFlag("concurrency", "how many requests are made at once", { default: 3 }),
    insecureRegistries: stringFlag(
      "insecure-registries",
      "how registries without a valid certificate are treated: no, skip-tls-verify or plain-http",
      { default: "no", choices: insecureChoices },
    ),
    registriesConfig: parsedFlag<readonly string[]>(
      "registries-config",
      "file with credentials, in the format of Docker's config.json; repeatable (default: those of Docker and Podman)",
      { value: [], text: "" },
      (texts) => texts,
      { type: "stringArray", repeatable: true },
    ),
    certificateAuthority: parsedFlag<readonly string[]>(
      "certificate-authority",
      "file with certificates (PEM) that are trusted besides those of this host; repeatable",
      { value: [], text: "" },
      (texts) => texts,
      { type: "stringArray", repeatable: true },
    ),
  },
  run: async (invocation) => (await import("./bundle-artifacts.ts")).bundleArtifacts(invocation),
});

export const airgapCommand = defineCommand({
  name: "airgap",
  summary: "Prepare hosts without a network",
  commands: [listImagesCommand, bundleArtifactsCommand],
});
