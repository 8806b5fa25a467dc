// The sandbox of `make run`.

export const sandboxName = "run";
