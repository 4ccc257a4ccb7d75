/**
 * How a client and a server in the same process meet: message texts, handed over without a socket.
 *
 * @module
 */

/** One client's line to a server in the same process. */
export interface LocalConnection {
  /** Hands one JSON-RPC message text to the server. */
  send(text: string): void;
  /** Ends the connection; calls still running are cancelled. Harmless when repeated. */
  close(): void;
  /** Settles once the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

/** A server that clients of the same process can connect to. */
export interface LocalTarget {
  /**
   * Opens a connection.
   *
   * @param receive - called with the JSON-RPC messages of the server as text, in order, each ended by a
   * line feed: several in one text, or a long one in many
   */
  connectLocal(receive: (text: string) => void): LocalConnection;
}
