// spec.api: where the API server listens and how it is reached. Upstream: pkg/apis/k0s/v1beta1/api.go.

import * as z from "zod";
import { isUnspecified } from "../../std/ip.ts";
import { defaultApiPort, defaultJoinApiPort } from "../default-ports.ts";
import { checkedText, extraArgs, hostName, lifetime, nodeAddress, port, rawArgs, section } from "./fields.ts";
import { parseHostPort } from "./names.ts";
import type { NodeDefaults } from "./node-defaults.ts";

/** Lifetimes of a certificate authority and of what it signs. */
export const caSchema = () =>
  section({
    expiresAfter: lifetime().default("87600h0m0s").describe("Lifetime of the CA certificates."),
    certificatesExpireAfter: lifetime()
      .default("8760h0m0s")
      .describe("Lifetime of the certificates that they sign."),
  });

const externalAddress = () =>
  checkedText((text) => parseHostPort(text) !== undefined, "is not a host or host:port").refine(
    (text) => !isUnspecified(parseHostPort(text)?.host ?? ""),
    {
      error: (issue) =>
        `${JSON.stringify(issue.input)} means every address; write the one that clients connect to`,
    },
  );

export const apiSchema = (defaults: NodeDefaults) =>
  section({
    address: nodeAddress()
      .default(defaults.publicAddress)
      .describe("Address that this controller advertises."),
    onlyBindToAddress: z
      .boolean()
      .default(false)
      .describe("Listen on `address` only, not on every interface."),
    externalAddress: externalAddress()
      .optional()
      .describe("Load balancer in front of the controllers, host or host:port."),
    k0sApiPort: port()
      .default(defaultJoinApiPort)
      .describe("Port of the API through which controllers join."),
    port: port().default(defaultApiPort).describe("Port of kube-apiserver."),
    sans: z.array(hostName()).default([]).describe("More names and addresses for the server certificates."),
    extraArgs: extraArgs().describe("Flags of kube-apiserver, without dashes; they win over ours."),
    rawArgs: rawArgs().describe("Arguments appended to kube-apiserver's as they are."),
    ca: caSchema(),
  });
