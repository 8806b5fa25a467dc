import { isSingleController } from "../controller-facts.ts";
import type { ControllerDeclaration } from "../node-facts.ts";

/** Who of the controllers leads. */
export const leaderElectionDeclaration = {
  name: "leader-election",
  when: (facts) => !isSingleController(facts, facts.config),
  make: async ({ leader }) => (await import("./leader-election.ts")).leaderElection(leader),
} satisfies ControllerDeclaration;

/** Which controllers there are. */
export const controllerLeaseDeclaration = {
  name: "controller-lease",
  when: (facts) => !isSingleController(facts, facts.config),
  make: async (node) => (await import("./component.ts")).controllerLease(node),
} satisfies ControllerDeclaration;
