// `k0s airgap bundle-artifacts`. Upstream: cmd/airgap/bundleartifacts.go, pkg/airgap/ociartifactsbundler.go.

import { imageTarStream } from "../../oci/archive-writer.ts";
import type { Blob, ImageSource } from "../../oci/image.ts";
import { type Platform, platformText } from "../../oci/platform.ts";
import { trustedAuthorities } from "../../oci/registry/authorities.ts";
import { createAuthorizer } from "../../oci/registry/authorizer.ts";
import { blobStore } from "../../oci/registry/blob-store.ts";
import { registryClient } from "../../oci/registry/client.ts";
import { gatherImages } from "../../oci/registry/gather.ts";
import { type ImageName, imageNameText, parseImageName } from "../../oci/registry/image-name.ts";
import { createTransport } from "../../oci/registry/transport.ts";
import { openPayload, type Payload } from "../../payload/payload.ts";
import { UserError } from "../../std/errors.ts";
import type { CliIo } from "../core/io.ts";
import { bundleCharts, chartsOfFile, helmOf } from "./bundle-charts.ts";
import { credentialsFrom, readConfigFiles } from "./credentials.ts";
import { fetchedBlobs } from "./fetched-blobs.ts";
import { diskFailure, isFull, writeToDescriptor, writeToFile } from "./output.ts";

interface BundleArtifactsFlags {
  readonly config: string;
  readonly debug: boolean;
  readonly verbose: boolean;
  readonly output: string;
  readonly platform: readonly Platform[];
  readonly concurrency: number;
  readonly insecureRegistries: string;
  readonly registriesConfig: readonly string[];
  readonly certificateAuthority: readonly string[];
}

interface BundleArtifacts {
  readonly flags: BundleArtifactsFlags;
  readonly args: readonly string[];
  readonly io: Pick<CliIo, "env" | "err" | "readInput" | "signal" | "terminal">;
}

const stdout = 1;

export async function bundleArtifacts({ flags, args, io }: BundleArtifacts): Promise<void> {
  const output = flags.output === "" || flags.output === "-" ? undefined : flags.output;
  if (output === undefined && io.terminal.stdout)
    throw new UserError("a bundle is not written to a terminal", {
      code: "output",
      hint: "Name a file with --output, or send it to a pipe.",
    });
  if (flags.concurrency < 1)
    throw new UserError(`--concurrency has to be 1 or more, not ${flags.concurrency}`, { code: "flag" });
  const helm = flags.config === "" ? undefined : await chartsOfFile(flags.config, () => io.readInput());
  const hasCharts = helm !== undefined && helm.charts.length > 0;
  const names = await namesOf(args, { hasCharts, inputTaken: flags.config === "-" }, io);
  await using payload = names.some(isOwn) || hasCharts ? await openPayload() : undefined;
  const own =
    payload === undefined
      ? []
      : names.filter(isOwn).map((name) => imageInFile(payload, name, flags.platform));
  const others = names.filter((name) => !isOwn(name));
  const tell = (text: string): void => (flags.debug || flags.verbose ? io.err(`${text}\n`) : undefined);
  const { charts, blobs } =
    helm === undefined || payload === undefined
      ? { charts: [], blobs: new Map<string, Blob>() }
      : await bundleCharts(helm, helmOf(payload), io.signal, tell);
  const fetched = await fetchedBlobs(output);
  try {
    const { images, openBlob } = await gather(others, fetched.dir, flags, { ...io, tell });
    const content = imageTarStream({
      images: [...own, ...images],
      charts,
      openBlob: async (digest) => blobs.get(digest) ?? (await openBlob(digest)) ?? payload?.openBlob(digest),
      signal: io.signal,
    });
    if (output === undefined) await writeToDescriptor(stdout, content, io.signal);
    else await writeToFile(output, content, io.signal);
    await fetched.remove();
  } catch (err) {
    // A full disk gets back what we have taken of it.
    if (isFull(err) || !(await fetched.isOfUse())) await fetched.remove();
    else io.err(`What has been fetched is in ${fetched.dir}; the same command goes on from there.\n`);
    io.signal.throwIfAborted();
    throw diskFailure(err) ?? err;
  } finally {
    fetched.close();
  }
}

/** In the order given, each once. A bundle may have charts alone: then none need be named. */
async function namesOf(
  args: readonly string[],
  { hasCharts, inputTaken }: { readonly hasCharts: boolean; readonly inputTaken: boolean },
  io: BundleArtifacts["io"],
): Promise<readonly ImageName[]> {
  const noInput = io.terminal.stdin || inputTaken;
  if (args.length === 0 && noInput && !hasCharts)
    throw new UserError("which images?", {
      code: "no-images",
      hint: "Give their names as arguments, or on standard input.",
    });
  const input = args.length > 0 || noInput ? "" : await io.readInput();
  const words = args.length > 0 ? args : input.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0 && !hasCharts) throw new UserError("no image was named", { code: "no-images" });
  return [
    ...new Map(words.map((word) => parseImageName(word)).map((name) => [imageNameText(name), name])).values(),
  ];
}

/** Made with k0s and in its file; there is no such registry. */
function isOwn({ registry, repository }: ImageName): boolean {
  return registry === "localhost" && repository.startsWith("k0s/");
}

function imageInFile(
  payload: Payload,
  name: ImageName,
  platforms: readonly Platform[],
): ImageSource["images"][number] {
  const { target } = payload.index;
  const other = platforms.find((platform) => platformText(platform) !== target);
  if (other !== undefined)
    throw new UserError(
      `this k0s file has ${imageNameText(name)} for ${target}, not for ${platformText(other)}`,
      {
        code: "image-platform",
        hint: `Use the k0s file for ${platformText(other)}.`,
      },
    );
  const found = payload.images.find(({ ref }) => ref === imageNameText(name));
  if (found !== undefined) return found;
  throw new UserError(`this k0s file has no image ${imageNameText(name)}`, {
    code: "image-missing",
    hint: "`k0s airgap list-images --all` names those that it has.",
  });
}

async function gather(
  names: readonly ImageName[],
  dir: string,
  flags: BundleArtifactsFlags,
  io: BundleArtifacts["io"] & { readonly tell: (text: string) => void },
): Promise<Pick<ImageSource, "images" | "openBlob">> {
  const plainHttp = flags.insecureRegistries === "plain-http";
  const send = createTransport({
    plainHttp,
    skipVerification: flags.insecureRegistries === "skip-tls-verify",
    authorities: await trustedAuthorities(io.env, flags.certificateAuthority),
  });
  const credential = credentialsFrom(await readConfigFiles(flags.registriesConfig, io.env));
  const authorizer = createAuthorizer({ send, plainHttp, credential });
  return gatherImages({
    names,
    platforms: flags.platform,
    client: registryClient({ send, authorizer, plainHttp }),
    store: blobStore(dir),
    concurrency: flags.concurrency,
    signal: io.signal,
    tell: io.tell,
  });
}
