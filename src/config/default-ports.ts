// Ports of spec.api where nobody names another one. Here, because help and errors say them without reading a schema.

/** `spec.api.port`. */
export const defaultApiPort = 6443;

/** `spec.api.k0sApiPort`. */
export const defaultJoinApiPort = 9443;
