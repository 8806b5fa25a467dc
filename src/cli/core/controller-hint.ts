// What to do on a host that is no controller, or not yet one.

export const runOnController = "Run this command on a controller, as root, once k0s has started there";
