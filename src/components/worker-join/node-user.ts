// The user that a node's certificate stands for.

export function nodeUser(nodeName: string): string {
  return `system:node:${nodeName}`;
}
