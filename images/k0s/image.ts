// The container image of k0s, without k0s itself: a shell, the netfilter programs of Debian, and what a system has in /etc.
// The k0s file brings everything else, and reaps orphans where it is the first process.

import { rootCertificates } from "node:tls";
import type { ImageRecipe } from "../../build/images/recipe.ts";
import { busyboxLinks } from "../base/busybox-links.ts";
import { netTools } from "../base/net-tools.ts";

/** The same in every release: files of a volume keep belonging to who wrote them when the container is made again. */
export const imageUsers = {
  etcd: 999,
  "kube-apiserver": 998,
  "kube-scheduler": 997,
  "konnectivity-server": 996,
  "kube-controller-manager": 995,
} as const;

const users = Object.entries(imageUsers);
const passwd = users.map(([name, id]) => `${name}:x:${id}:${id}::/var/lib/k0s:/bin/false\n`);

export const k0sImage: ImageRecipe = {
  ref: "localhost/k0s/k0s",
  layers: [
    {
      name: "busybox",
      entries: [
        // The dynamic busybox: the static one crashes when it resolves names.
        { kind: "debian", packages: ["busybox", "curl", "netbase"], programs: ["/bin/busybox"] },
        ...busyboxLinks,
      ],
    },
    netTools,
    {
      name: "system files",
      entries: [
        {
          kind: "text",
          path: "/etc/passwd",
          text: [
            "root:x:0:0:root:/root:/bin/sh\n",
            ...passwd,
            "nobody:x:65534:65534:nobody:/:/bin/false\n",
          ].join(""),
        },
        {
          kind: "text",
          path: "/etc/group",
          text: [
            "root:x:0:\n",
            ...users.map(([name, id]) => `${name}:x:${id}:\n`),
            "nogroup:x:65534:\n",
          ].join(""),
        },
        // Whom containerd trusts when it pulls images of users.
        {
          kind: "text",
          path: "/etc/ssl/certs/ca-certificates.crt",
          text: rootCertificates.map((pem) => `${pem}\n`).join(""),
        },
        { kind: "directory", path: "/etc/k0s" },
        { kind: "directory", path: "/tmp", mode: 0o1777 },
        { kind: "directory", path: "/root", mode: 0o700 },
        { kind: "directory", path: "/run" },
        { kind: "directory", path: "/var/lib/k0s" },
        { kind: "directory", path: "/var/log/pods" },
      ],
    },
  ],
  config: {
    entrypoint: ["/entrypoint.sh"],
    args: ["k0s", "controller", "--enable-worker"],
    env: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      KUBECONFIG: "/var/lib/k0s/pki/admin.conf",
    },
  },
};
