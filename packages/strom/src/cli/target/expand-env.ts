import { usageError } from '../cli-error.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * Puts environment variables into a text: `${NAME}`, `${env:NAME}`, or `${NAME:-default}` where the
 * variable may be missing or empty.
 *
 * @throws {CliError} `usage` naming a variable that is not set; values never appear in errors
 */
export function expandEnv(text: string, env: Environment): string {
  return text.replace(REFERENCE, (_, name: string, fallback: string | undefined) => {
    const value = env[name];
    if (value !== undefined && (value !== '' || fallback === undefined)) return value;
    if (fallback !== undefined) return fallback;
    throw usageError(
      `the environment variable ${name} is not set`,
      `Set it, or write \${${name}:-default} for a value that may be missing.`,
    );
  });
}
