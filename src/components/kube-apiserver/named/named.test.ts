import { expect, test } from "bun:test";
import { issueCa } from "../../../pki/issue.ts";
import { UserError } from "../../../std/errors.ts";
import { admissionFile as admissionFileOf } from "./admission.ts";
import { auditPolicyFile } from "./audit-policy.ts";
import { authenticationFile } from "./authentication.ts";
import { authorizationFile } from "./authorization.ts";
import { checkFile, type FileKind } from "./document.ts";

const group = "apiVersion: apiserver.config.k8s.io/v1\n";
const admissionFile = admissionFileOf(new Set(["PodSecurity", "B"]));
const authentication = authenticationFile(["https://kubernetes.default.svc"]);
const authenticationHead = `${group}kind: AuthenticationConfiguration\n`;
const authorizationHead = `${group}kind: AuthorizationConfiguration\n`;
const policyHead = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";
const admissionHead = `${group}kind: AdmissionConfiguration\n`;

const named = (text: string) => ({ path: "/etc/f.yaml", field: "spec.security.f", text });
const check = (kind: FileKind, text: string) => checkFile(kind, named(text));

/** What is told of it, without what is the same in all. */
function told(kind: FileKind, text: string): string[] {
  try {
    check(kind, text);
    return [];
  } catch (err) {
    if (!(err instanceof UserError)) throw err;
    return err.message
      .split("\n")
      .filter((line) => !line.endsWith("mistakes:"))
      .map((line) => line.replace("/etc/f.yaml:", "").replace(/ {2,}/, "  "));
  }
}

/** One issuer, as it is right; lines begin at 3. */
const jwt = (issuer: string, rest = "  claimMappings: { username: { claim: sub, prefix: '' } }\n") =>
  `${authenticationHead}jwt:\n- issuer: ${issuer}\n${rest}`;
const issuer = "{ url: 'https://id.example', audiences: [k0s] }";
const mapped = (mappings: string) => told(authentication, jwt(issuer, `  claimMappings: ${mappings}\n`));

test("files as people write them are taken", async () => {
  const { cert } = await issueCa({ cn: "id", expiresMs: 60_000 });
  const full = `${authenticationHead}jwt:
- issuer:
    url: https://id.example
    discoveryURL: https://id.internal/.well-known/openid-configuration
    certificateAuthority: ${JSON.stringify(cert)}
    audiences: [k0s, kubectl]
    audienceMatchPolicy: MatchAny
  claimValidationRules:
  - { claim: hd, requiredValue: example.com }
  - { expression: 'claims.exp - claims.nbf <= 86400', message: too long }
  claimMappings:
    username: { expression: 'claims.username' }
    groups: { claim: groups, prefix: "" }
    uid: { claim: sub }
    extra: [{ key: example.com/tenant, valueExpression: claims.tenant }]
  userValidationRules: [{ expression: "!user.username.startsWith('system:')" }]
anonymous: { enabled: true, conditions: [{ path: /livez }] }
`;
  expect(told(authentication, full)).toEqual([]);
  expect(told(authentication, authenticationHead)).toEqual([]);
  expect(told(auditPolicyFile, `${policyHead}rules: [{ level: Metadata }]\n`)).toEqual([]);
  expect(told(admissionFile, `${admissionHead}plugins:\n`)).toEqual([]);
});

test("another kind, another version, no YAML: with the line", () => {
  expect(told(authentication, `${group}kind: Policy\n`)).toEqual([
    "2:7 (spec.security.f) has kind Policy, not AuthenticationConfiguration",
  ]);
  expect(told(authentication, "[]")).toEqual([
    "1:1 (spec.security.f) has kind none, not AuthenticationConfiguration",
  ]);
  expect(told(authentication, "apiVersion: v1\nkind: AuthenticationConfiguration\n")[0]).toStartWith(
    '1:13  apiVersion: "v1" is not apiserver.config.k8s.io/v1 or ',
  );
  expect(told(authentication, `${authenticationHead}jwt: [\n`)[0]).toStartWith("4:1  ");
});

test("a field that is not known, also by the case of a letter, is named with what was meant", () => {
  expect(told(authentication, `${authenticationHead}jwts: []\n`)).toEqual([
    '3:1  jwts: unknown field; did you mean "jwt"?',
  ]);
  expect(told(authentication, jwt("{ URL: 'https://a', audiences: [k] }"))).toEqual([
    '4:13  jwt[0].issuer.URL: unknown field; did you mean "url"?',
    "4:18  jwt[0].issuer.url: is required",
  ]);
});

test("issuers that kube-apiserver would not take", () => {
  const at = (text: string) => told(authentication, jwt(text));
  expect(at("{ url: 'http://id.example', audiences: [k0s] }")).toEqual([
    '4:18  jwt[0].issuer.url: "http://id.example" is not an https:// URL',
  ]);
  expect(at("{ url: 'https://kubernetes.default.svc', audiences: [k0s] }")[0]).toContain(
    "issues the tokens of this cluster's own service accounts",
  );
  expect(at("{ url: 'https://a?b', audiences: [k0s] }")[0]).toContain("must not have ? or #");
  expect(at("{ url: 'https://a', audiences: [] }")[0]).toContain("audiences: needs at least 1 entry");
  expect(at("{ url: 'https://a', audiences: [a, b] }")[0]).toContain("audienceMatchPolicy: MatchAny");
  expect(at("{ url: 'https://a', audiences: [a], certificateAuthority: /etc/ca.crt }")[0]).toContain(
    "certificateAuthority: holds no certificate in PEM",
  );
  const entry = jwt(issuer);
  const twice = entry + entry.slice(entry.indexOf("- issuer"));
  expect(told(authentication, twice)).toEqual([
    '6:18  jwt[1].issuer.url: "https://id.example" stands here twice; keep one',
  ]);
});

test("claims: a prefix belongs to a claim, and either a claim or an expression is given", () => {
  expect(mapped("{ username: { claim: sub } }")[0]).toContain("username: needs prefix beside claim");
  expect(mapped("{ username: {} }")[0]).toContain("username: needs claim or expression");
  expect(mapped("{ username: { claim: a, prefix: b, expression: c } }")[0]).toContain("takes either");
  expect(mapped("{ username: { expression: c, prefix: b } }")[0]).toContain("prefix: goes with claim only");
  expect(
    mapped("{ username: { claim: a, prefix: b }, extra: [{ key: k8s.io/a, valueExpression: b }] }")[0],
  ).toContain('extra[0].key: "k8s.io/a" is in a domain that Kubernetes keeps for itself');
  expect(
    mapped("{ username: { claim: a, prefix: b }, extra: [{ key: tenant, valueExpression: b }] }")[0],
  ).toContain("is not of the form example.org/name");
});

test("who may come without a name is named only where somebody may", () => {
  const text = `${authenticationHead}anonymous: { enabled: false, conditions: [{ path: /livez }] }\n`;
  expect(told(authentication, text)[0]).toContain("anonymous.conditions: has a meaning only beside enabled");
});

const both = "- { type: Node, name: node }\n- { type: RBAC, name: rbac }\n";
const hook = (webhook: string) =>
  `${authorizationHead}authorizers:\n${both}- { type: Webhook, name: hook, webhook: ${webhook} }\n`;
const connection = "connectionInfo: { type: KubeConfigFile, kubeConfigFile: /etc/hook.conf }";
const rightHook = `{ timeout: 3s, subjectAccessReviewVersion: v1, failurePolicy: Deny, ${connection} }`;

test("authorizers: the cluster's own two are there, each once, and webhooks are whole", () => {
  expect(told(authorizationFile, hook(rightHook))).toEqual([]);
  expect(check(authorizationFile, hook(rightHook)).refers).toEqual([
    { path: ["authorizers", 2, "webhook", "connectionInfo", "kubeConfigFile"], file: "/etc/hook.conf" },
  ]);
  expect(told(authorizationFile, `${authorizationHead}authorizers:\n${both}${both}`)).toHaveLength(4);
  expect(told(authorizationFile, hook(rightHook).replace("name: hook", "name: Hook_"))[0]).toContain(
    '"Hook_" is not a DNS name',
  );
  expect(told(authorizationFile, hook(rightHook).replace("type: Webhook", "type: Hook"))[0]).toContain(
    '"Hook" is not Node, RBAC, Webhook',
  );
});

test("authorizers are refused only where nothing of them could let the cluster's own parts work", () => {
  const chain = (...types: string[]) =>
    told(
      authorizationFile,
      `${authorizationHead}authorizers: [${types.map((type) => `{ type: ${type}, name: ${type.toLowerCase()} }`).join(", ")}]\n`,
    );
  // Kubelets may be bound to a role; what decides may be another one than RBAC.
  for (const types of [["RBAC"], ["AlwaysAllow"], ["ABAC"], ["Node", "ABAC"], ["AlwaysDeny", "AlwaysAllow"]])
    expect([types, chain(...types)]).toEqual([types, []]);
  const webhook = hook(rightHook).replace(both, "");
  expect(told(authorizationFile, webhook)).toEqual([]);
  for (const types of [[], ["Node"], ["AlwaysDeny"], ["Node", "AlwaysDeny"]])
    expect([types, chain(...types)]).toEqual([
      types,
      [
        expect.stringMatching(
          /^3:14  authorizers: allows the cluster's own parts nothing: add one of type RBAC/,
        ),
      ],
    ]);
});

test("a webhook: how long it may take, and where it is", () => {
  const changed = (from: string, to: string) =>
    told(authorizationFile, hook(rightHook.replace(from, to)))[0] ?? "nothing";
  expect(changed("timeout: 3s", "timeout: 3")).toContain("timeout: expected a string");
  expect(changed("timeout: 3s", "timeout: 3 s")).toContain("is not a duration");
  expect(changed("timeout: 3s", "timeout: 31s")).toContain("is not between 0s and 30s");
  expect(changed("timeout: 3s,", "")).toContain("timeout: is required");
  expect(changed("/etc/hook.conf", "hook.conf")).toContain("is not an absolute path");
  expect(changed("KubeConfigFile", "InClusterConfig")).toContain("is for pods");
  expect(changed(connection, `${connection}, matchConditions: [{ expression: a }]`)).toContain(
    "needs matchConditionSubjectAccessReviewVersion: v1",
  );
});

test("rules of an audit policy", () => {
  const rule = (text: string) => told(auditPolicyFile, `${policyHead}rules:\n- ${text}\n`)[0] ?? "nothing";
  expect(told(auditPolicyFile, `${policyHead}rules: []\n`)).toEqual(["3:8  rules: needs at least 1 entry"]);
  expect(rule("{ level: metadata }")).toBe(
    '4:12  rules[0].level: "metadata" is not None, Metadata, Request or RequestResponse; did you mean "Metadata"?',
  );
  // kube-apiserver reads it a second time, less strictly.
  expect(rule("{ level: None, note: for us }")).toBe("nothing");
  expect(rule("{ level: None, nonResourceURLs: [livez] }")).toContain('"livez" does not begin with /');
  expect(rule("{ level: None, nonResourceURLs: ['/a*b'] }")).toContain("may have * at its end only");
  expect(rule("{ level: None, nonResourceURLs: [/a], namespaces: [b] }")).toContain("make two rules");
  expect(rule("{ level: None, resources: [{ group: apps/v1 }] }")).toContain("without its version");
  expect(rule("{ level: None, resources: [{ resourceNames: [a] }] }")).toContain("needs resources");
});

test("admission: of a plug-in that is at work its first file is looked for, beside this one", () => {
  const text = (plugins: string) => `${admissionHead}plugins: [${plugins}]\n`;
  const refers = check(
    admissionFile,
    text("{ name: PodSecurity, path: pods.yaml }, { name: B, path: /b }"),
  ).refers;
  expect(refers.map(({ file }) => file)).toEqual(["/etc/pods.yaml", "/b"]);
  expect(
    check(admissionFile, text("{ name: B, path: /b }, { name: B, path: /c }, { name: Other, path: /d }"))
      .refers,
  ).toEqual([{ path: ["plugins", 0, "path"], file: "/b" }]);
  expect(told(admissionFile, text("{ name: B, path: '' }, { name: '' }, { name: '' }"))).toEqual([]);
  expect(told(admissionFile, "kind: AdmissionConfiguration\nplugins: []\n")).toEqual([
    "1:1  apiVersion: is required",
  ]);
});

test("a file from before there was such a kind is handed to the two plug-ins that read it", () => {
  const plugins = ["ImagePolicyWebhook", "PodNodeSelector"].map((name) => ({ name, path: "/etc/f.yaml" }));
  for (const head of ["", "kind: AdmissionConfiguration\n", "apiVersion: v1\nkind: Strange\n"])
    expect(check(admissionFile, `${head}imagePolicy: { kubeConfigFile: /k }\n`).data).toMatchObject({
      plugins,
    });
  expect(check(admissionFile, "podNodeSelectorPluginConfig: {}\n").data).toMatchObject({ plugins });
  expect(told(admissionFile, `${admissionHead}imagePolicy: {}\n`)).toEqual([
    "3:1  imagePolicy: unknown field; known here: apiVersion, kind, plugins",
  ]);
});
