import { expect, test } from "bun:test";
import { newBootstrapSecret } from "../../token/bootstrap-secret.ts";
import { silentLog } from "../../supervisor/testdata/recording-log.ts";
import { answerJoinRequest, type JoinApiSources } from "./api.ts";

const controller = newBootstrapSecret("controller", 60_000);
const worker = newBootstrapSecret("worker", 60_000);
const expired = newBootstrapSecret("controller", 1, Date.now() - 10_000);
const secrets = [controller, worker, expired];

function sources(more: Partial<JoinApiSources> = {}): JoinApiSources {
  return {
    log: silentLog,
    findToken: (id) => Promise.resolve(secrets.find(({ token }) => token.startsWith(id))?.secret),
    file: (name) => Promise.resolve(Buffer.from(name).toString("base64")),
    encryption: () => Promise.resolve(undefined),
    check: () => Promise.resolve(undefined),
    clusterUid: () => Promise.resolve("u-1"),
    admission: undefined,
    ...more,
  };
}

function ask(path: string, token: string, init: RequestInit = {}, more?: Partial<JoinApiSources>) {
  const headers = { authorization: `Bearer ${token}` };
  return answerJoinRequest(new Request(`https://c1:9443${path}`, { ...init, headers }), sources(more));
}

const admission = {
  admit: () =>
    Promise.resolve({
      kind: "member" as const,
      initialCluster: ["c1=https://10.0.0.1:2380", "c2=https://10.0.0.2:2380"],
    }),
  withdraw: () => Promise.resolve(true),
  members: () =>
    Promise.resolve([{ id: "a", name: "c1", peerUrls: ["https://10.0.0.1:2380"], isLearner: false }]),
  stop: () => Promise.resolve(),
};

test("the authority is handed out as upstream does, and with it what upstream passes over", async () => {
  const answer = await ask("/v1beta1/ca", controller.token);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    key: btoa("ca.key"),
    cert: btoa("ca.crt"),
    saKey: btoa("sa.key"),
    saPub: btoa("sa.pub"),
    kubeletCa: btoa("kubelet-serving-bundle.crt"),
  });
});

test.each([
  ["no token", "", null],
  ["a secret that is wrong", `${controller.token.slice(0, -1)}!`, null],
  ["another secret", `${controller.token.slice(0, 7)}0000000000000000`, null],
  ["an id that there is not", "zzzzzz.0000000000000000", null],
  ["a worker's token", worker.token, "wrong-role"],
  ["an expired token", expired.token, "expired"],
])("%s is sent away", async (_, token, reason) => {
  const answer = await ask("/v1beta1/ca", token);
  expect([answer.status, await answer.text(), answer.headers.get("x-k0s-reason")]).toEqual([
    401,
    "go away",
    reason,
  ]);
});

test("other methods and paths", async () => {
  expect((await ask("/v1beta1/ca", controller.token, { method: "POST" })).status).toBe(405);
  expect((await ask("/v1beta1/nope", controller.token)).status).toBe(404);
  // As k0sctl asks whether a joining controller reaches it: 200, 401 or 404 will do.
  expect((await ask("/", "", { method: "HEAD" })).status).toBe(404);
  const body = JSON.stringify({ node: "c2", peerAddress: "https://10.0.0.2:2380" });
  expect((await ask("/v1beta1/etcd/members", controller.token, { method: "POST", body })).status).toBe(404);
});

test("a member gets the etcd authority and the list of all, as upstream answers", async () => {
  const body = JSON.stringify({ node: "c2", peerAddress: "https://10.0.0.2:2380" });
  const answer = await ask(
    "/v1beta1/etcd/members",
    controller.token,
    { method: "POST", body },
    { admission },
  );
  expect(await answer.json()).toEqual({
    ca: { key: btoa("etcd/ca.key"), cert: btoa("etcd/ca.crt"), saKey: null, saPub: null },
    initialCluster: ["c1=https://10.0.0.1:2380", "c2=https://10.0.0.2:2380"],
  });
});

test.each([
  ["{}"],
  ['{"node":"c2","peerAddress":""}'],
  ['{"node":"c2","peerAddress":"http://10.0.0.2:2380"}'],
  ['{"node":"c2","peerAddress":"https://evil.example:2380"}'],
  ["nonsense"],
])("%p is no member", async (body) => {
  const answer = await ask(
    "/v1beta1/etcd/members",
    controller.token,
    { method: "POST", body },
    { admission },
  );
  expect(answer.status).toBe(400);
});

test("who cannot be a member is told why, and whether to come back", async () => {
  const body = JSON.stringify({ node: "c1", peerAddress: "https://10.0.0.2:2380" });
  const by = { id: "a", name: "c1", peerUrls: ["https://10.0.0.1:2380"], isLearner: false };
  const refused = { kind: "refused", reason: "name-taken", by } as const;
  const busy = { kind: "busy", because: "c3 is joining" } as const;
  const statusOf = async (answer: typeof refused | typeof busy): Promise<[number, string]> => {
    const reply = await ask(
      "/v1beta1/etcd/members",
      controller.token,
      { method: "POST", body },
      { admission: { ...admission, admit: () => Promise.resolve(answer) } },
    );
    return [reply.status, ((await reply.json()) as { code: string }).code];
  };
  expect(await statusOf(refused)).toEqual([409, "join-name"]);
  expect(await statusOf(busy)).toEqual([503, "join-busy"]);
});
