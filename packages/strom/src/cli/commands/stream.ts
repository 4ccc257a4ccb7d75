import { isJsonObject, type JsonObject, ownValue } from '../../base/json.ts';
import { isLogLevel } from '../../base/log-level.ts';
import type { PlainChunk } from '../../client/plain-decode.ts';
import { type PlainStreamOptions, streamUrl } from '../../client/plain-stream.ts';
import type { CallToolResult } from '../../protocol/spec/2026-07-28.ts';
import { parsePairs } from '../arguments/parse-pairs.ts';
import { readJsonObject } from '../arguments/read-arguments.ts';
import { typeArguments } from '../arguments/type-arguments.ts';
import { chooseFetch } from '../choose-fetch.ts';
import { CliError, usageError } from '../cli-error.ts';
import type { CommandRun } from '../command-run.ts';
import type { RequestFlags } from '../connection-flags.ts';
import type { LiveView } from '../live/live-view.ts';
import { textOfData } from '../live/log-line.ts';
import { printToolResult } from '../output/print-content.ts';
import { readHeaders } from '../target/read-headers.ts';
import { isWebUrl } from '../target/resolve-target.ts';

export interface StreamFlags extends RequestFlags {
  readonly data?: string;
  readonly request?: 'GET' | 'POST';
  readonly accept?: string;
}

export interface StreamWords {
  readonly url: string;
  readonly words: readonly string[];
  readonly flags: StreamFlags;
}

/** `strom stream`: a plain HTTP stream, each piece as it arrives. */
export async function runStream(
  run: CommandRun,
  { url, words, flags }: StreamWords,
): Promise<void> {
  if (!isWebUrl(url)) throw usageError(`"${url}" is no http or https URL`);
  const target = new URL(url);
  run.label = `${target.origin}${target.pathname}`;
  const options = await streamOptions(run, { target, words, flags });
  const printer = new StreamPrinter(run, target.pathname.split('/').at(-1) ?? '');
  for await (const chunk of streamUrl(target, options)) await printer.take(chunk);
}

interface Request {
  readonly target: URL;
  readonly words: readonly string[];
  readonly flags: StreamFlags;
}

async function streamOptions(
  run: CommandRun,
  { target, words, flags }: Request,
): Promise<PlainStreamOptions> {
  const { host, interrupt } = run;
  const { timeout, maxTime, request, accept } = flags;
  const args = await readArgs(run, words, flags.data);
  const fetch = await chooseFetch({ url: target, env: host.env, timeoutMs: timeout });
  return {
    headers: await readHeaders(flags.header ?? [], host.env),
    signal: interrupt.signal,
    ...(args !== undefined && { args }),
    ...(request !== undefined && { method: request }),
    ...(accept !== undefined && { accept }),
    ...(fetch !== undefined && { fetch }),
    ...(timeout !== undefined && { idleTimeoutMs: timeout }),
    ...(maxTime !== undefined && { totalTimeoutMs: maxTime }),
  };
}

async function readArgs(
  run: CommandRun,
  words: readonly string[],
  data: string | undefined,
): Promise<JsonObject | undefined> {
  if (data === undefined && words.length === 0) return undefined;
  const base = data === undefined ? {} : await readJsonObject('--data', data, run.host.stdin);
  // Without a schema, what was typed as text is text.
  return { ...base, ...typeArguments(parsePairs(words), undefined) };
}

/** Puts data on standard output and reports of a Strom server on standard error. */
class StreamPrinter {
  readonly #run: CommandRun;
  readonly #name: string;
  #hasBegun = false;
  #hasChunks = false;

  constructor(run: CommandRun, name: string) {
    this.#run = run;
    this.#name = name;
  }

  /** @throws {CliError} `tool_error` when the tool behind the stream failed */
  async take({ kind, value }: PlainChunk): Promise<void> {
    const { out, flags } = this.#run;
    if (flags.ndjson) await out.json(lineOf({ kind, value }), 'line');
    if (isJsonObject(value) && (await this.#takeReport(kind, value))) return;
    if (!flags.ndjson) await out.text(textOfData(value));
  }

  /** Whether it was an event as Strom servers send them, with a place of its own. */
  async #takeReport(kind: string, fields: JsonObject): Promise<boolean> {
    switch (kind) {
      case 'progress':
        return this.#showProgress(fields);
      case 'log':
        return this.#showLog(fields);
      case 'chunk':
        if (!Object.hasOwn(fields, 'value')) return false;
        this.#hasChunks = true;
        if (!this.#run.flags.ndjson) await this.#run.out.text(textOfData(fields['value']));
        return true;
      case 'result':
        if (!Array.isArray(ownValue(fields, 'content'))) return false;
        await this.#finish(fields as unknown as CallToolResult);
        return true;
      default:
        return false;
    }
  }

  #showProgress(fields: JsonObject): boolean {
    const { progress, total, message } = fields;
    if (typeof progress !== 'number') return false;
    this.#view?.progress({
      progress,
      ...(typeof total === 'number' && { total }),
      ...(typeof message === 'string' && { message }),
    });
    return true;
  }

  #showLog({ level, data, logger }: JsonObject): boolean {
    if (!isLogLevel(level)) return false;
    const origin = typeof logger === 'string' ? { logger } : {};
    this.#view?.log({ level, data, ...origin });
    return true;
  }

  /** Where reports are shown; as lines of data they are there already, unless somebody asks. */
  get #view(): LiveView | undefined {
    const { flags, view } = this.#run;
    if (flags.ndjson === true && flags.progress === undefined) return undefined;
    if (!this.#hasBegun) view.begin(this.#name);
    this.#hasBegun = true;
    return view;
  }

  async #finish(result: CallToolResult): Promise<void> {
    const { out, view, flags } = this.#run;
    view.done();
    if (result.isError === true) {
      const texts = result.content.map((block) => (block.type === 'text' ? block.text : ''));
      throw new CliError('tool_error', `the tool failed: ${texts.join('\n')}`);
    }
    // The result repeats in one piece what has been printed chunk by chunk.
    if (!this.#hasChunks && !flags.ndjson)
      await printToolResult(result, { out, view, isRaw: false });
  }
}

/** A piece as one JSON object, in the form in which Strom servers write JSON lines. */
function lineOf({ kind, value }: PlainChunk): object {
  return isJsonObject(value) ? { type: kind, ...value } : { type: kind, value };
}
