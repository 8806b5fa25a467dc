// `k0s config edit` and `k0s config status`: they concern configuration in the cluster, which this release does not have.
// Upstream: cmd/config/edit.go, cmd/config/status.go; docs/adr/0013-unsupported-is-an-error.md.

import { UserError } from "../../std/errors.ts";

export function refuseDynamicConfig(): never {
  throw new UserError("dynamic configuration is not available yet: no configuration is kept in the cluster", {
    code: "not-yet",
    hint: "The configuration is the file that k0s controller reads (default /etc/k0s/k0s.yaml). Edit it on each controller, look with `k0s config validate --config FILE`, and start k0s again there.",
  });
}
