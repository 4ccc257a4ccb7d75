/**
 * One face for all client libraries, so that a behaviour is written down once and holds for each of
 * them.
 */

/** Where a server is. */
export type Target =
  | { readonly transport: 'stdio'; readonly command: string; readonly args: readonly string[] }
  | { readonly transport: 'streamable-http' | 'http+sse'; readonly url: string };

export type TransportName = Target['transport'];

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface LogLine {
  readonly level: string;
  readonly data: unknown;
}

/** What a test wants to hear and to answer; given when the connection is made. */
export interface Listeners {
  readonly onLog?: (line: LogLine) => void;
  /** `notifications/…/list_changed` and `notifications/resources/updated`, by method. */
  readonly onChange?: (method: string) => void;
  /** The content of the form the client accepts. Default: the client can show no forms. */
  readonly answer?: (message: string) => Record<string, unknown>;
}

export interface CallOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Least severe log lines wanted. */
  readonly logLevel?: 'debug' | 'info' | 'warning' | 'emergency';
  readonly signal?: AbortSignal;
}

export interface CallResult {
  readonly text: string;
  readonly isError: boolean;
}

export interface Wanted {
  readonly tools?: boolean;
  readonly prompts?: boolean;
  readonly resource?: string;
}

/** A connected client. */
export interface Driver extends AsyncDisposable {
  /** The protocol revision that client and server settled on. */
  readonly revision: string;
  listTools(): Promise<string[]>;
  listResources(): Promise<string[]>;
  listPrompts(): Promise<string[]>;
  /** Rejects with an error that has the numeric JSON-RPC `code` where the server refuses. */
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<CallResult>;
  readResource(uri: string): Promise<string>;
  getPrompt(name: string, args: Record<string, string>): Promise<string>;
  complete(prompt: string, argument: string, value: string): Promise<readonly string[]>;
  /** Asks for change notifications; resolves when the server is ready to send them. */
  watch(wanted: Wanted): Promise<void>;
}

/** The text blocks of a result, joined. */
export function textOf(content: readonly unknown[]): string {
  return content.map((block) => String((block as { text?: unknown }).text ?? '')).join('\n');
}
