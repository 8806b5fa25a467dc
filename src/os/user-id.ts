// Who a file belongs to, or a process runs as.

export interface UserId {
  readonly uid: number;
  readonly gid: number;
}
