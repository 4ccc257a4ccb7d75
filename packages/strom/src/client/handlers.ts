/**
 * What a program answers when a server asks its client something.
 *
 * @module
 */
import type {
  CreateMessageRequestParams,
  CreateMessageResult,
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  ElicitResult,
  ListRootsResult,
} from '../protocol/spec/2026-07-28.ts';

export interface QuestionContext {
  /** Aborted when the call ends, the server withdraws its question or the client closes. */
  readonly signal: AbortSignal;
  /** The name the server gave itself; for display only, nobody has verified it. */
  readonly serverName: string;
}

type Answer<Result> = Result | Promise<Result>;

/**
 * Answers to the server's questions. A capability is declared for exactly those that are present,
 * so a server never asks what nobody here can answer.
 */
export interface QuestionHandlers {
  /**
   * Asks the user to fill in a form. Fields of the form that the answer leaves out get the default
   * of the form's schema.
   *
   * > [!WARNING]
   * > Show the user which server asks, and let them decline. A form must never hold secrets.
   */
  elicit?: (form: ElicitRequestFormParams, context: QuestionContext) => Answer<ElicitResult>;
  /**
   * Asks the user to open a web page.
   *
   * > [!WARNING]
   * > Show the whole URL and get consent before opening it; never fetch it unasked.
   */
  elicitUrl?: (page: ElicitRequestURLParams, context: QuestionContext) => Answer<ElicitResult>;
  /** Has a language model continue a conversation; the user should be able to refuse. */
  sample?: (
    request: CreateMessageRequestParams,
    context: QuestionContext,
  ) => Answer<CreateMessageResult>;
  /** Lists the folders the server may work in. */
  roots?: (context: QuestionContext) => Answer<ListRootsResult['roots']>;
}
