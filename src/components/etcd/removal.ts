// How etcd says that others have removed its member: an end for good, which no restart cures.

/**
 * The line before it ends, whole: as JSON, which is how it logs by itself, or for a console. The words alone prove nothing, since
 * other lines repeat what strangers send, as the name in a TLS handshake that is refused. In there quotes and tabs are escaped.
 */
const removal =
  /(?:"msg":"server error",|\tserver error\t\{)"error": ?"the member has been permanently removed from the cluster"\}$/;

export function saysRemoved(line: string): boolean {
  return removal.test(line);
}
