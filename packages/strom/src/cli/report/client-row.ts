/** Requests of one kind of client. */
export interface ClientRow {
  readonly transport: string;
  readonly revision: string;
  readonly client: string;
  readonly requests: number;
  /** What the client called its versions; only a log tells. */
  readonly versions?: readonly string[];
  /** When it last asked, as an ISO date; only a log tells. */
  readonly last?: string;
}
