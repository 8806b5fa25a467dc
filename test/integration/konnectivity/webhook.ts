// A validating webhook in a pod: nginx with TLS that allows every ConfigMap whose name is not `forbidden`.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runOrThrow } from "../../../src/os/exec.ts";
import { dumpYamlDocuments } from "../../../src/std/yaml.ts";

/** The uid of the request, without which no answer is valid, is read out of its body on the way to the inner server. */
const nginxConf = `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path /tmp/body;
  client_body_buffer_size 128k;
  proxy_temp_path /tmp/proxy;
  fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi;
  scgi_temp_path /tmp/scgi;
  map $request_body $uid { "~\\"uid\\":\\"(?<found>[0-9a-f-]+)\\"" $found; }
  map $request_body $allowed { default true; "~\\"name\\":\\"forbidden\\"" false; }
  server {
    listen 8443 ssl;
    ssl_certificate /tls/tls.crt;
    ssl_certificate_key /tls/tls.key;
    location / {
      proxy_set_header X-Uid $uid;
      proxy_set_header X-Allowed $allowed;
      proxy_pass http://127.0.0.1:8081;
    }
  }
  server {
    listen 127.0.0.1:8081;
    default_type application/json;
    location / {
      return 200 '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"$http_x_uid","allowed":$http_x_allowed,"status":{"message":"refused by the webhook"}}}';
    }
  }
}
`;

const name = "webhook";
const metadata = { name, namespace: "default" };

/** Everything but the registration, which must only be applied once the pod is ready. */
export async function webhookManifests(): Promise<{ server: string; registration: string }> {
  const { cert, key } = await selfSigned(`${name}.default.svc`);
  const server = [
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "nginx.conf": nginxConf } },
    {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/tls",
      metadata,
      stringData: { "tls.crt": cert, "tls.key": key },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ port: 443, targetPort: 8443 }] },
    },
    pod,
  ];
  const registration = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: "configmaps.example.com",
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        failurePolicy: "Fail",
        timeoutSeconds: 5,
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
        clientConfig: {
          service: { namespace: "default", name, path: "/" },
          caBundle: Buffer.from(cert).toString("base64"),
        },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["CREATE"] }],
      },
    ],
  };
  return { server: dumpYamlDocuments(server), registration: dumpYamlDocuments([registration]) };
}

const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { ...metadata, labels: { app: name } },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [
      {
        name,
        image: "localhost/k0s/web:1",
        imagePullPolicy: "Never",
        readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 1 },
        volumeMounts: [
          { name: "conf", mountPath: "/etc/nginx/nginx.conf", subPath: "nginx.conf" },
          { name: "tls", mountPath: "/tls" },
        ],
      },
    ],
    volumes: [
      { name: "conf", configMap: { name } },
      { name: "tls", secret: { secretName: name } },
    ],
  },
};

async function selfSigned(host: string): Promise<{ cert: string; key: string }> {
  const dir = await mkdtemp(join(tmpdir(), "webhook-"));
  try {
    const config = join(dir, "conf");
    await writeFile(
      config,
      `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=${host}\n[ext]\nsubjectAltName=DNS:${host}\nbasicConstraints=critical,CA:true\n`,
    );
    const [key, cert] = [join(dir, "key"), join(dir, "crt")];
    await runOrThrow("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-config",
      config,
      "-keyout",
      key,
      "-out",
      cert,
    ]);
    return { cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") };
  } finally {
    await rm(dir, { recursive: true });
  }
}
