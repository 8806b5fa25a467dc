// What a host is to be.

export interface Roles {
  readonly controller: boolean;
  readonly worker: boolean;
}
