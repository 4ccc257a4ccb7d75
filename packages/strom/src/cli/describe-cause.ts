/**
 * Why a connection was not made, in words: the system's code is deep in a chain of causes.
 *
 * @module
 */

export interface Description {
  readonly message: string;
  readonly hint: string | undefined;
}

interface Sentence {
  readonly says: (label: string) => string;
  readonly hint?: string;
}

const CERTIFICATE_HINT =
  'If you trust it, name its authority in a file: NODE_EXTRA_CA_CERTS=ca.pem strom …';
const untrusted: Sentence = {
  says: (label) => `the certificate of ${label} is not trusted`,
  hint: CERTIFICATE_HINT,
};

const SENTENCES: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: {
    says: (label) => `nothing answers at ${label}: connection refused`,
    hint: 'Is the server running, and is the port right?',
  },
  ECONNRESET: { says: (label) => `${label} closed the connection` },
  ENOTFOUND: { says: (label) => `the host of ${label} is unknown`, hint: 'Is its name right?' },
  EAI_AGAIN: {
    says: (label) => `the host of ${label} cannot be looked up now`,
    hint: 'Is this machine online?',
  },
  ETIMEDOUT: { says: (label) => `${label} does not answer` },
  UND_ERR_CONNECT_TIMEOUT: { says: (label) => `${label} does not answer` },
  EHOSTUNREACH: { says: (label) => `there is no way to ${label}` },
  ENETUNREACH: { says: (label) => `there is no way to ${label}` },
  ENOENT: {
    says: (label) => `cannot start ${label}: there is no such program`,
    hint: 'Is it installed and on the PATH?',
  },
  EACCES: { says: (label) => `cannot start ${label}: it may not be run` },
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED: { says: (label) => `the certificate of ${label} has expired` },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    says: (label) => `the certificate of ${label} is for another host`,
  },
  ERR_SSL_WRONG_VERSION_NUMBER: {
    says: (label) => `${label} does not speak HTTPS`,
    hint: 'Try http:// instead.',
  },
};

/** Chains may be cyclic. */
const MAX_DEPTH = 8;

/** The first known cause behind an error; `undefined` when none is known here. */
export function describeCause(error: unknown, label: string): Description | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < MAX_DEPTH && current instanceof Error; depth += 1) {
    const { code } = current as NodeJS.ErrnoException;
    const sentence = code === undefined ? undefined : SENTENCES[code];
    if (sentence !== undefined) return { message: sentence.says(label), hint: sentence.hint };
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return undefined;
}
