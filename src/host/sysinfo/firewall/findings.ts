// What is said of a firewall that drops what pods send, and the commands that let it through.

import type { Finding } from "../finding.ts";

export const podsNotForwarded: Finding = {
  category: "warning",
  message: "drops what pods send each other",
  why: "An accept in the rules of the network provider does not help: each table is asked, and one that drops decides.",
  remedy: "`{commands}`{lasting}",
};

export const hostClosedToPods: Finding = {
  category: "warning",
  message: "drops what pods send to this host",
  why: "Pods reach neither the API, nor name servers and services on the network of the host.",
  remedy: "`{commands}`{lasting}",
};

export const portsClosed: Finding = {
  category: "warning",
  message: "closed: {ports}",
  why: "Other nodes reach neither the API of this one nor its pods.",
  remedy: "`{commands}`{lasting}",
};

export const firewalldDistrusts: Finding = {
  category: "warning",
  message: "trusts neither pods nor services: {networks}",
  why: "It rejects what pods send each other, to this host, and to services.",
  remedy: "`{commands}; firewall-cmd --reload`",
};
