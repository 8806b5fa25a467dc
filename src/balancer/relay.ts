// Two TCP connections made into one: bytes go over as they come, and a side that does not read makes the other one wait.
// At most one chunk is held for each direction.

export interface Relay {
  /** Ends both connections at once. */
  close(): void;
  /** Whether it has been quiet for too long; `now` in milliseconds of the clock that `joinEnds` was given. */
  isIdle(now: number): boolean;
}

export interface RelayLimits {
  /** A client that has sent nothing by then is closed, in milliseconds. */
  readonly firstByteMs: number;
  /** Without a byte from either side for so long, in milliseconds. */
  readonly idleMs: number;
}

/** One end of a relay; `data` of the socket that it belongs to. */
export interface End {
  socket: Bun.Socket<End> | undefined;
  peer: End | undefined;
  /** What this socket could not take yet. */
  unsent: Uint8Array | undefined;
  /** No more bytes come from this socket. */
  finished: boolean;
  /** When the last bytes came from this socket; undefined before the first. */
  heardAt: number | undefined;
  /** Called once when both are closed. */
  onClosed: () => void;
  /** Called when this side ends while the other one does not. */
  onEndedFirst: () => void;
}

export function relayEnd(onClosed: () => void = () => undefined): End {
  return {
    socket: undefined,
    peer: undefined,
    unsent: undefined,
    finished: false,
    heardAt: undefined,
    onClosed,
    onEndedFirst: () => undefined,
  };
}

/** Connects the two ends; what the first one has sent meanwhile flows now. */
export function joinEnds(client: End, server: End, limits: RelayLimits, now = performance.now()): Relay {
  client.peer = server;
  server.peer = client;
  client.socket?.resume();
  if (client.finished) finish(server);
  return {
    close() {
      client.socket?.terminate();
      server.socket?.terminate();
    },
    isIdle(at) {
      if (client.heardAt === undefined && at - now > limits.firstByteMs) return true;
      return at - Math.max(client.heardAt ?? now, server.heardAt ?? now) > limits.idleMs;
    },
  };
}

/** Handlers for both kinds of socket. */
export const relayHandlers = {
  binaryType: "buffer",
  data(socket: Bun.Socket<End>, chunk: Buffer) {
    const { peer } = socket.data;
    if (peer?.socket === undefined) return;
    socket.data.heardAt = performance.now();
    const sent = write(peer.socket, chunk);
    if (sent === chunk.length) return;
    // The chunk's memory is used again after this call.
    peer.unsent = Uint8Array.prototype.slice.call(chunk, sent);
    socket.pause();
  },
  drain(socket: Bun.Socket<End>) {
    const end = socket.data;
    if (end.unsent === undefined) return;
    const sent = write(socket, end.unsent);
    end.unsent = sent === end.unsent.length ? undefined : end.unsent.subarray(sent);
    if (end.unsent !== undefined) return;
    if (end.peer?.finished === true) finish(end);
    else end.peer?.socket?.resume();
  },
  /** The other side has sent its last byte, but may go on reading. */
  end(socket: Bun.Socket<End>) {
    socket.data.finished = true;
    const { peer } = socket.data;
    if (peer?.finished === false) socket.data.onEndedFirst();
    if (peer !== undefined && peer.unsent === undefined) finish(peer);
  },
  close(socket: Bun.Socket<End>) {
    const end = socket.data;
    if (!end.finished && end.peer?.finished === false) end.onEndedFirst();
    end.finished = true;
    end.socket = undefined;
    end.unsent = undefined;
    const { peer } = end;
    if (peer?.socket !== undefined) {
      // Nobody is left to read what it still sends.
      if (peer.unsent === undefined) peer.socket.end();
      return;
    }
    end.onClosed();
    peer?.onClosed();
  },
  error() {
    // `close` follows.
  },
} satisfies Bun.SocketHandler<End>;

function finish(end: End): void {
  // A socket whose peer is gone altogether has nobody to talk to; one whose peer only finished goes on sending.
  if (end.peer?.socket === undefined) end.socket?.end();
  else end.socket?.shutdown();
}

/** How many bytes the socket took; none once it is closing. */
function write(socket: Bun.Socket<End>, bytes: Uint8Array): number {
  return Math.max(0, socket.write(bytes));
}
