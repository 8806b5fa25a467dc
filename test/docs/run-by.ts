// What runs each command that a reader of the user's pages can copy.

export type Proof =
  /** A file of a suite or of the harness, and the words in it that run the command. */
  | { readonly file: string; readonly words: string }
  /** Not run by a suite, for a reason. */
  | { readonly why: string };

const singleNode: Proof = { file: "test/integration/single-node.test.ts", words: 'args: ["--single"]' };
const joinController: Proof = {
  file: "test/harness/k0s-start.ts",
  words: 'withArgs("--token-file", tokenFile)',
};
const joinWorker: Proof = { file: "test/full/ha-faults.test.ts", words: '"k0s", "worker", "--token-file"' };
const createToken: Proof = {
  file: "test/harness/test-machine.ts",
  words: '"token", "create", "--role", role',
};
const mainJob: Proof = { file: "test/main-job/run.ts", words: '"sandbox", "create", sandboxName' };
const docsSandboxes: Proof = {
  file: "test/integration/documented-sandboxes.test.ts",
  words: "docs/sandboxes.md",
};
const docsServices: Proof = {
  file: "test/full/services-demo.test.ts",
  words: 'blocksOf("A cluster of several hosts")',
};
const firstChange: Proof = { file: "test/integration/first-change.test.ts", words: "first-change.md" };
const ofTheWalk: Proof = { why: "what it shows is there only with the change of the page" };
const cloud = (words: string): Proof => ({ file: "test/integration/custom-cluster.test.ts", words });
const givenUp = (deed: string): Proof => ({
  file: "test/full/runtimes.test.ts",
  words: `kubectl("${deed}", "runtimeclass"`,
});
const helmTests = "test/integration/kube/helm.test.ts";
const dynamicTests = "test/integration/dynamic-config.test.ts";
const liveTests = "test/integration/single-node/live-configuration.ts";
const logTests = "test/integration/single-node/logs.ts";
const bundleTests = "test/integration/single-node/support-bundle.ts";
const stackTests = "test/integration/single-node/stacks.ts";
const ci = (words: string): Proof => ({ file: ".ci/run", words });

export const runBy: Readonly<Record<string, Proof>> = {
  // README.md, CONTRIBUTING.md
  "make run": ci("make run"),
  "make test": ci("make test"),
  "make check": ci("make check"),
  "k0s backup --save-path /srv/backups": {
    file: "test/integration/backup.test.ts",
    words: '"backup", "--save-path"',
  },
  "k0s restore --config-out /etc/k0s/k0s.yaml /srv/backups/k0s_backup_2026-11-27T04_05_06_000Z.tar.gz": {
    file: "test/integration/backup.test.ts",
    words: "--config-out=",
  },
  "make help": { file: "test/docs/documented-commands.test.ts", words: '["make", "help"]' },
  "make test-full": { why: "it is the suites themselves" },
  "bun bench/run.ts scale one three joins agents --pictures docs/scale": {
    why: "it measures, for half an hour; each part was run with small sizes",
  },
  "make bench": { why: "it measures, for a quarter of an hour and more; its parts are tested in bench/" },
  "make update-debian": {
    why: "it changes the lock by what Debian has today; its parts are tested in build/debian",
  },
  "make vm-images": { file: "test/vm/vm-images.test.ts", words: "makeVmImages(" },
  "make release": { file: "test/full/release.test.ts", words: "makeRelease(" },
  ".ci/run": { why: "it is what runs the tests" },
  "k0s controller --single": singleNode,
  "k0s status": { file: "test/integration/faults.test.ts", words: 'machine.k0s("status")' },
  "k0s kubectl get charts -n kube-system": { file: helmTests, words: '"get", "charts"' },
  "k0s kubectl describe chart -n kube-system k0s-addon-chart-web": {
    file: helmTests,
    words: '"describe", "chart"',
  },
  'k0s kubectl patch chart -n kube-system k0s-addon-chart-web --type=merge -p {"metadata":{"finalizers":[]}}':
    { file: helmTests, words: '"--type=merge"' },
  "k0s kubectl get pods -A": { file: "test/harness/running-containers.ts", words: '"get", "pods", "-A"' },
  "k0s stop": { file: "test/integration/controller-worker.test.ts", words: 'controller.k0s("stop")' },
  "k0s reset": { file: "test/full/reset-kube-router.test.ts", words: 'machine.k0s("reset"' },
  "k0s token create --role worker": createToken,
  "k0s worker --token-file TOKEN": joinWorker,
  "k0s sandbox create": mainJob,
  "k0s sandbox exec demo -- k0s kubectl get nodes": docsSandboxes,
  "k0s sandbox delete demo": { file: "test/main-job/sandbox.ts", words: '"sandbox", "delete", sandboxName' },

  // docs/sandboxes.md
  "k0s sandbox create big --controllers 3 --workers 2": docsSandboxes,
  "k0s sandbox status big": docsSandboxes,
  "k0s sandbox exec big -- k0s kubectl get nodes": docsSandboxes,
  "k0s sandbox exec big/worker0 -- k0s status": docsSandboxes,
  "k0s sandbox delete big": docsSandboxes,

  // docs/cloud.md
  "k0s worker --token-file token --enable-cloud-provider": cloud(`const args = ["--enable-cloud-provider"]`),
  "k0s controller --enable-k0s-cloud-provider": cloud('"--enable-k0s-cloud-provider"'),
  "k0s worker --token-file token --enable-cloud-provider --kubelet-extra-args=--node-ip=10.0.0.5": cloud(
    "--kubelet-extra-args=--node-ip=",
  ),
  "k0s kubectl label runtimeclass nvidia app.kubernetes.io/managed-by=Helm": givenUp("label"),
  "k0s kubectl annotate runtimeclass nvidia meta.helm.sh/release-name=gpu-operator meta.helm.sh/release-namespace=gpu-operator":
    givenUp("annotate"),
  "k0s kubectl annotate node worker-1 k0sproject.io/node-ip-external=203.0.113.5": cloud(
    'kubectl("annotate", "--overwrite", "node"',
  ),

  // docs/logs.md
  "k0s logs --since 10m": { file: logTests, words: '"logs", "--since", "10m"' },
  "k0s logs kubelet -f": { file: logTests, words: "k0s logs kube-scheduler -f" },
  "k0s logs k0s -n 50": { file: logTests, words: '"logs", "k0s", "-n", "50"' },
  // docs/airgap.md
  "k0s airgap bundle-artifacts -o shop.tar docker.io/library/nginx:1.29 registry.example/shop/web:4": {
    file: "test/integration/single-node/airgap.ts",
    words: '"airgap", "bundle-artifacts"',
  },
  "k0s airgap bundle-artifacts -o charts.tar --config k0s.yaml": {
    file: "test/full/helm.test.ts",
    words: '"bundle-artifacts"',
  },
  "k0s kubectl create secret docker-registry shop --docker-server=registry.example:5000 --docker-username=us --docker-password=secret":
    {
      file: "test/integration/single-node/airgap.ts",
      words: 'kubectl("create", "secret", "docker-registry"',
    },

  "k0s logs level kubelet info": { file: logTests, words: '"logs", "level", "kubelet", "info"' },
  "k0s logs level kubelet 4": { file: logTests, words: '"logs", "level", "kubelet", "4"' },
  "k0s logs level kube-scheduler 4 --restart": {
    file: logTests,
    words: '"logs", "level", "kube-scheduler", "4", "--restart"',
  },
  "k0s logs level kubelet default": { file: logTests, words: '"logs", "level", "kubelet", "default"' },

  "k0s doctor": { file: "test/full/doctor-faults.test.ts", words: '["k0s", "doctor"]' },

  // docs/support-bundle.md
  "k0s support-bundle": { file: bundleTests, words: "k0s support-bundle &" },
  "k0s support-bundle --since 2h -o /tmp/node1.tar.gz": {
    file: bundleTests,
    words: '"support-bundle", "--since", "2h", "-o"',
  },

  // docs/services.md
  "install -m 755 k0s /usr/local/bin/k0s": docsServices,
  "k0s install controller": docsServices,
  "systemctl start k0scontroller": docsServices,
  "k0s token create --role worker --wait": docsServices,
  "install -D -m 600 k0s.token /etc/k0s/token": docsServices,
  "k0s install worker --token-file /etc/k0s/token": docsServices,
  "systemctl start k0sworker": docsServices,
  "k0s kubectl get nodes": docsServices,
  "k0s kubeconfig admin": docsServices,
  "k0s install controller --config /etc/k0s/k0s.yaml --start": {
    file: "test/integration/services/service-story.ts",
    words: '"install", "controller", "--config", "/etc/k0s/k0s.yaml", "--start"',
  },

  // docs/contributing/first-change.md
  "make build": { why: "`make test` builds first" },
  "bun test src/components/api-health": firstChange,
  "bun test src/cli/core/help.test.ts src/cli/node/processes.test.ts": firstChange,
  "bun test build/docs --test-name-pattern ports.md": firstChange,
  "bun src/main.ts docs markdown": firstChange,
  "bun test src/components/api-health src/roles src/cli/core src/cli/node build/docs test/docs": firstChange,
  "k0s sandbox create first": mainJob,
  "k0s sandbox exec first -- k0s status": docsSandboxes,
  "k0s sandbox exec first -- curl http://127.0.0.1:9480": ofTheWalk,
  "k0s sandbox delete first": docsSandboxes,

  // docs/users.md
  "k0s kubeconfig create jane --groups developers,auditors": {
    file: "test/integration/single-node/users.ts",
    words: "k0s kubeconfig create alice",
  },

  // docs/manifests.md
  "k0s stack list": { file: stackTests, words: 'k0s("stack", "list")' },
  "k0s stack status shop": { file: stackTests, words: 'k0s("stack", "status", "shop")' },
  "k0s stack diff shop": { file: stackTests, words: 'k0s("stack", "diff", "shop")' },
  "k0s kubectl get events -n kube-system -l k0s.k0sproject.io/about-stack=shop": {
    file: stackTests,
    words: '"get", "events", "-n", "kube-system", "-l", "k0s.k0sproject.io/about-stack=shop"',
  },

  // docs/hardening.md
  "k0s secrets status": { file: "test/integration/hardening.test.ts", words: '"k0s", "secrets", "status"' },
  "k0s secrets rotate-key": {
    file: "test/full/secrets-encryption.test.ts",
    words: '"k0s", "secrets", "rotate-key"',
  },

  // docs/live-configuration.md
  "k0s config plan": { file: liveTests, words: 'k0s("config", "plan")' },
  "k0s config apply": { file: liveTests, words: '"config", "apply"' },
  "k0s config edit": { file: dynamicTests, words: '"k0s", "config", "edit"' },
  "k0s config status": { file: dynamicTests, words: 'k0s("config", "status"' },
  "k0s config plan --config new.yaml": { file: dynamicTests, words: '"config", "plan", "--config"' },
  "k0s config apply --config new.yaml": { file: dynamicTests, words: '"config", "apply", "--config"' },
  "k0s kubectl get events -n kube-system --field-selector involvedObject.name=k0s": {
    file: liveTests,
    words: '"--field-selector", "involvedObject.name=k0s"',
  },

  // docs/joining.md, docs/worker.md, docs/high-availability.md
  "k0s token create --role controller": createToken,
  "k0s token create --role controller --expiry 1h": {
    file: "test/integration/controller-join-trouble.test.ts",
    words: '"controller", "--expiry"',
  },
  "k0s token list": { file: "test/integration/multicontroller.test.ts", words: 'k0s("token", "list")' },
  "k0s token invalidate <id>": {
    file: "test/integration/multicontroller.test.ts",
    words: 'k0s("token", "invalidate"',
  },
  "k0s token pre-shared --cert ca.crt --url https://<controller>:6443/ --role worker --out out/": {
    file: "test/integration/custom-cluster.test.ts",
    words: 'machine.k0s("token", "pre-shared"',
  },
  "k0s controller --token-file controller.token -c k0s.yaml": joinController,
  "k0s worker --token-file token": joinWorker,
  "k0s controller -c k0s.yaml": {
    file: "test/integration/controller-join-trouble.test.ts",
    words: '"--config", "/root/k0s.yaml"',
  },
  "k0s controller -c k0s.yaml --token-file c.token": joinController,
  "k0s etcd member-list": { file: "test/harness/test-machine.ts", words: '"k0s", "etcd", "member-list"' },
  "k0s etcd leave --peer-address 10.0.0.3": {
    file: "test/integration/multicontroller.test.ts",
    words: 'k0s("etcd", "leave", "--peer-address"',
  },
  'kubectl patch etcdmember controller-3 --type merge -p {"spec":{"leave":true}}': {
    file: "test/integration/etcdmember.test.ts",
    words: `'{"spec":{"leave":true}}'`,
  },
  "kubectl get etcdmembers": { file: "test/integration/etcdmember.test.ts", words: '"get", "etcdmember"' },

  // docs/proxy.md
  "k0s worker …": { file: "test/integration/basic.test.ts", words: "HTTPS_PROXY: proxy" },

  // docs/contributing/virtual-machines.md
  "bun test/run.ts vm": { why: "it is the suite itself" },
  "bun test/run.ts vm --only=boot": { why: "it is a part of the suite" },
  "bun test/run.ts vm --only=systemd": { why: "it is a part of the suite" },

  // docs/dual-stack.md
  "k0s controller --feature-gates=IPv6SingleStack=true": {
    file: "test/full/ipv6-alone.test.ts",
    words: "--feature-gates=IPv6SingleStack=true",
  },
};

/** What looks like a command and is none of this version. */
export const notCommands: readonly string[] = [
  // Named as what comes next.
  "k0s install",
  // The walk of docs/contributing/first-change.md makes the folder.
  "bun test src/components/api-health",
  "bun test src/components/api-health src/roles src/cli/core src/cli/node build/docs test/docs",
];
