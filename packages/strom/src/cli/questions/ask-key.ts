import { onAbort } from '../../client/on-abort.ts';
import type { CommandRun } from '../command-run.ts';

export interface KeyQuestion {
  readonly prompt: string;
  /** What a key means; keys without a meaning are passed over. */
  readonly keys: ReadonlyMap<string, string>;
  /** What the end of the input means, and of the signal. */
  readonly otherwise: string;
  readonly signal: AbortSignal;
}

/** Whether somebody sits at a terminal who can press a key. */
export function canAskKey({ host }: CommandRun): boolean {
  return host.stdin.isTTY === true && host.stderr.isTTY === true;
}

/** Asks for one key on the terminal and returns what it means. */
export async function askKey(run: CommandRun, question: KeyQuestion): Promise<string> {
  const { stdin, stderr } = run.host;
  const resume = run.view.suspend();
  stderr.write(question.prompt);
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await pressed(stdin, question);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
    resume();
  }
}

function pressed(stdin: NodeJS.ReadStream, question: KeyQuestion): Promise<string> {
  const { keys, otherwise, signal } = question;
  return new Promise((resolve) => {
    const settle = (meaning: string): void => {
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      loseInterest();
      resolve(meaning);
    };
    const onData = (bytes: Buffer | string): void => {
      const meanings = [...bytes.toString().toLowerCase()].map((key) => keys.get(key));
      const meaning = meanings.find((candidate) => candidate !== undefined);
      if (meaning !== undefined) settle(meaning);
    };
    const onEnd = (): void => settle(otherwise);
    let loseInterest = (): void => undefined;
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    loseInterest = onAbort(signal, onEnd);
  });
}
