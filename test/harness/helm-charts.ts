// Charts for tests, packed as helm packs them: for a repository over HTTPS that asks for a password, and for a registry.

import { packTar } from "modern-tar";
import { issueCa, issueLeaf } from "../../src/pki/issue.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { memorySource } from "../../src/oci/memory-source.ts";
import { sha256 } from "../../src/oci/image.ts";
import type { PushedImage } from "./push-image.ts";

export interface TestChart {
  readonly name: string;
  readonly version: string;
  /** Below the chart's folder: path → text. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly dependencies?: readonly {
    readonly name: string;
    readonly version: string;
    readonly repository: string;
    readonly condition?: string;
  }[];
}

/** A ConfigMap, and a Deployment that never becomes ready where nothing runs pods, if `pods` is set. */
export function settingsChart(version: string, name = "settings"): TestChart {
  const labels = `{app: {{ .Release.Name }}}`;
  return {
    name,
    version,
    files: {
      "values.yaml": "greeting: hello\npods: false\nhook: false\n",
      "templates/all.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-settings}
data:
  greeting: {{ .Values.greeting | quote }}
  version: {{ .Chart.Version | quote }}
{{ if .Values.pods }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}-pods}
spec:
  selector: {matchLabels: ${labels}}
  template:
    metadata: {labels: ${labels}}
    spec: {containers: [{name: a, image: localhost/none:1}]}
{{ end }}
{{ if .Values.hook }}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations: {helm.sh/hook: pre-upgrade}
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: a, image: localhost/none:1}]}
{{ end }}
`,
    },
  };
}

/** Brings a kind of its own and an object of that kind. */
export function kindChart(version: string): TestChart {
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.tests.example" },
    spec: {
      group: "tests.example",
      names: { kind: "Thing", plural: "things" },
      scope: "Namespaced",
      versions: [
        { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
      ],
    },
  };
  const thing = "apiVersion: tests.example/v1\nkind: Thing\nmetadata: {name: {{ .Release.Name }}}\n";
  return {
    name: "kind",
    version,
    files: { "crds/things.yaml": JSON.stringify(crd), "templates/thing.yaml": thing },
  };
}

/** Depends on another chart, which is not in its archive. */
export function parentChart(version: string, repository: string): TestChart {
  return {
    name: "parent",
    version,
    dependencies: [{ name: "settings", version: "^1", repository, condition: "settings.enabled" }],
    files: { "values.yaml": "settings: {enabled: true, greeting: from the parent}\n" },
  };
}

/** The archive that `helm package` would make. */
export async function packChart(chart: TestChart): Promise<Uint8Array<ArrayBuffer>> {
  const { name, files, dependencies = [] } = chart;
  const all = { "Chart.yaml": JSON.stringify({ ...metadataOf(chart), dependencies }), ...files };
  const entries = Object.entries(all).map(([path, content]) => {
    const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return {
      header: { name: `${name}/${path}`, size: body.length, mode: 0o644, type: "file" as const },
      body,
    };
  });
  return Bun.gzipSync(Uint8Array.from(await packTar(entries)));
}

function metadataOf({ name, version }: Pick<TestChart, "name" | "version">) {
  return { apiVersion: "v2", name, version, appVersion: `${version}-app`, type: "application" };
}

/** As `helm push` puts it into a registry. */
export async function chartImage(chart: TestChart, repository: string): Promise<PushedImage> {
  const layer = await packChart(chart);
  const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const config = encode(metadataOf(chart));
  const type = "application/vnd.cncf.helm";
  const manifest = encode({
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: { mediaType: `${type}.config.v1+json`, digest: sha256(config), size: config.length },
    layers: [{ mediaType: `${type}.chart.content.v1.tar+gzip`, digest: sha256(layer), size: layer.length }],
  });
  const image = {
    ref: chart.name,
    manifestDigest: sha256(manifest),
    mediaType: mediaTypes.manifest,
    blobs: [],
  };
  return {
    as: `${repository}/${chart.name}:${chart.version}`,
    image,
    source: memorySource([image], [layer, config, manifest]),
  };
}

export interface ChartRepository extends Disposable {
  readonly url: string;
  /** PEM of a certificate for clients, and its key; only who shows one is let in if clients are asked for theirs. */
  readonly client: { readonly cert: string; readonly key: string };
  /** PEM of the authority that has to be trusted. */
  readonly ca: string;
  readonly username: string;
  readonly password: string;
  /** Method, path and status of every request so far. */
  readonly requests: readonly string[];
}

/** Serves charts, which may depend on each other by its URL, over HTTPS to those who know the password. `askClients`: and who have a certificate. */
export async function startChartRepository(
  served: readonly TestChart[] | ((url: string) => readonly TestChart[]),
  { askClients = false }: { readonly askClients?: boolean } = {},
): Promise<ChartRepository> {
  const [username, password] = ["reader", "rep:o/s3cret+word"];
  const ca = await issueCa({ cn: "charts-ca", expiresMs: 86_400_000, keyType: "p256" });
  const sans = ["127.0.0.1"];
  const leaf = await issueLeaf({ cn: "charts", expiresMs: 86_400_000, keyType: "p256", ca, sans });
  const client = await issueLeaf({ cn: "client", expiresMs: 86_400_000, keyType: "p256", ca, sans: [] });
  const asking = { ca: ca.cert, requestCert: true, rejectUnauthorized: true };
  const files = new Map<string, Uint8Array<ArrayBuffer> | string>();
  const requests: string[] = [];
  const expected = `Basic ${btoa(`${username}:${password}`)}`;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: leaf.cert, key: leaf.key, ...(askClients ? asking : {}) },
    fetch(request) {
      const { pathname } = new URL(request.url);
      const known = request.headers.get("authorization") === expected;
      const file = files.get(pathname);
      const status = known ? (file === undefined ? 404 : 200) : 401;
      requests.push(`${request.method} ${pathname} ${status}`);
      return status === 200 && file !== undefined ? new Response(file) : new Response("no", { status });
    },
  });
  const url = `https://127.0.0.1:${server.port}`;
  const charts = typeof served === "function" ? served(url) : served;
  for (const chart of charts) files.set(`/${chart.name}-${chart.version}.tgz`, await packChart(chart));
  files.set("/index.yaml", JSON.stringify(indexOf(charts)));
  return {
    url,
    ca: ca.cert,
    client,
    username,
    password,
    requests,
    [Symbol.dispose]: () => void server.stop(true),
  };
}

function indexOf(charts: readonly TestChart[]) {
  const entries = charts.map((chart) => ({
    ...metadataOf(chart),
    dependencies: chart.dependencies ?? [],
    urls: [`${chart.name}-${chart.version}.tgz`],
    created: "2026-01-01T00:00:00Z",
  }));
  return { apiVersion: "v1", entries: Object.groupBy(entries, ({ name }) => name) };
}
