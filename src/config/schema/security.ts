// spec.security: what the API server does about secrets at rest, audit, admission and who may log in. Upstream has neither this
// section nor spec.hardening; both are absent unless somebody writes them, so that upstream reads the file. docs/adr/0076.

import * as z from "zod";
import { checkedText, filledText, section } from "./fields.ts";
import { isDnsName } from "./names.ts";

export const hardeningSchema = () =>
  z
    .enum(["none", "cis"])
    .optional()
    .describe("`cis`: what the CIS benchmark for Kubernetes asks for: docs/hardening.md.");

const absolutePath = () =>
  checkedText((text) => text.startsWith("/"), "is not an absolute path").describe("A file of this host.");

const podSecurityLevel = () => z.enum(["privileged", "baseline", "restricted"]);

const auditSchema = () =>
  section({
    enabled: z
      .boolean()
      .optional()
      .describe("Log who asked the API for what. With `hardening: cis` the default is true."),
    policyFile: absolutePath()
      .optional()
      .describe("A Policy of audit.k8s.io/v1 in place of ours, which logs no body of a Secret."),
    logFile: absolutePath()
      .optional()
      .describe(
        "Default: audit/audit.log in the data directory. The directory of another one has to be there.",
      ),
    maxAge: z.int().min(0).default(30).describe("Days that an old log is kept; 0: however old."),
    maxBackup: z.int().min(0).default(10).describe("Old logs that are kept; 0: all."),
    maxSize: z.int().min(1).default(100).describe("MiB after which a new log begins."),
  });

const podSecuritySchema = () =>
  section({
    enforce: podSecurityLevel()
      .optional()
      .describe("Of namespaces without a label of their own. With `hardening: cis` the default is baseline."),
    audit: podSecurityLevel().optional().describe("With `hardening: cis` the default is restricted."),
    warn: podSecurityLevel().optional().describe("With `hardening: cis` the default is restricted."),
    exemptNamespaces: z
      .array(checkedText(isDnsName, "is not the name of a namespace"))
      .default([])
      .describe("Besides kube-system."),
    exemptUsernames: z.array(filledText()).default([]).describe("Whose pods are not looked at."),
    exemptRuntimeClasses: z.array(filledText()).default([]).describe("Whose pods are not looked at."),
  });

const eventLimit = () =>
  z.strictObject({
    type: z.enum(["Server", "Namespace", "User", "SourceAndObject"]).describe("What shares one limit."),
    qps: z.int().min(1).describe("Events a second."),
    burst: z.int().min(1).describe("Events at once."),
    cacheSize: z.int().min(1).optional().describe("How many namespaces, users or sources are told apart."),
  });

const oidcSchema = () =>
  z.strictObject({
    issuerURL: checkedText((text) => text.startsWith("https://"), "is not an https:// URL").describe(
      "Who issues the tokens.",
    ),
    clientID: filledText().describe("For whom they are."),
    usernameClaim: filledText().optional().describe("Default: sub."),
    usernamePrefix: z.string().optional().describe("Default: the issuer; `-`: none."),
    groupsClaim: filledText().optional().describe("Default: tokens name no groups."),
    groupsPrefix: z.string().optional().describe("Before the name of each group."),
    requiredClaims: z
      .record(filledText(), filledText())
      .default({})
      .describe("Claims that a token must have, with their values."),
    signingAlgs: z.array(filledText()).default([]).describe("Default: RS256."),
    caFile: absolutePath().optional().describe("Authority of the issuer's certificate; default: the host's."),
  });

export const securitySchema = () =>
  z
    .strictObject({
      secretsEncryption: section({
        enabled: z
          .boolean()
          .optional()
          .describe("Secrets are encrypted in the datastore. With `hardening: cis` the default is true."),
      }),
      audit: auditSchema(),
      podSecurity: podSecuritySchema(),
      eventRateLimit: section({
        enabled: z
          .boolean()
          .optional()
          .describe("Limits what the API takes of events. With `hardening: cis` the default is true."),
        limits: z
          .array(eventLimit())
          .default([])
          .describe("Default: 5,000 a second for the server, 50 for each source and object."),
      }),
      admissionConfigFile: absolutePath()
        .optional()
        .describe("An AdmissionConfiguration; its plug-ins win over ours of the same name."),
      authenticationConfigFile: absolutePath()
        .optional()
        .describe("An AuthenticationConfiguration; read again when it changes."),
      authorizationConfigFile: absolutePath()
        .optional()
        .describe(
          "An AuthorizationConfiguration; read again when it changes. With Node and AlwaysDeny alone it is refused: docs/hardening.md.",
        ),
      oidc: oidcSchema().optional().describe("Tokens of one OpenID Connect issuer."),
    })
    .optional()
    .describe("Secrets at rest, audit, admission, log-in: docs/hardening.md.");
