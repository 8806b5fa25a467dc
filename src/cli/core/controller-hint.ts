// What to do on a host that is not a controller, or not yet.

export const runOnController = "Run this command on a controller, as root, once k0s has started there";
