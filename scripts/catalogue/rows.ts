/**
 * The rows of the catalogue of attacks and faults. A test belongs to a row by the ids its `describe`
 * begins with, as in `describe('H07, O02: …')`, wherever it stands.
 *
 * @module
 */
export interface CatalogueRow {
  readonly title: string;
  /** Why nothing here runs it. */
  readonly reason?: string;
}

const NO_REDIS = 'there is no store over Redis yet';
const NO_GATEWAY = 'there is no gateway yet';

export const CATALOGUE: Readonly<Record<string, CatalogueRow>> = {
  P01: { title: 'bodies that are no JSON' },
  P02: { title: 'bytes that are no UTF-8' },
  P03: { title: 'charsets and content codings' },
  P04: { title: 'bodies over the limit' },
  P05: { title: 'deep nesting, repeated keys' },
  P06: { title: 'large and odd values' },
  P07: { title: 'names of the prototype' },
  P08: { title: 'request ids' },
  P09: { title: 'names in another case' },
  P10: { title: 'batches' },
  P11: { title: 'texts that are slow to match' },
  P13: { title: 'lines on standard streams' },
  H01: { title: 'headers that repeat the body' },
  H02: { title: 'header values in Base64' },
  H03: { title: 'header values our client writes' },
  H04: { title: 'marks that are no header names' },
  H05: { title: 'request smuggling' },
  H06: { title: 'too many headers' },
  H07: { title: 'hosts that are not served' },
  H09: { title: 'credentials in wrong places' },
  H11: { title: 'one era in the words of another' },
  O01: { title: 'origins' },
  O02: { title: 'hosts and where it listens' },
  O03: { title: 'DNS rebinding in Chromium' },
  O04: { title: 'hosts over HTTP/2' },
  O05: { title: 'bodies a page sends without asking' },
  O06: { title: 'preflights' },
  O07: { title: 'errors a page may read' },
  O08: { title: 'what is shown of a tool (there is no console)' },
  A01: { title: 'tokens: missing, malformed, ended' },
  A02: { title: 'tokens for another audience' },
  A03: { title: 'tokens of another issuer' },
  A04: { title: 'algorithms and signatures' },
  A06: { title: 'keys of an issuer that is down or slow' },
  A07: { title: 'clocks that differ' },
  A08: { title: 'verified tokens that are kept' },
  A09: { title: 'API keys' },
  A10: { title: 'guessing of keys' },
  A11: { title: 'scopes' },
  A13: { title: 'proxies of authorization servers', reason: 'it is no authorization server' },
  A14: { title: 'proofs that end in the middle' },
  A15: { title: 'Unix sockets', reason: 'it listens on no Unix socket that others can name' },
  I01: { title: 'equal ids and tokens of many callers' },
  I02: { title: 'session ids that are guessed' },
  I03: { title: 'sessions of somebody else' },
  I06: { title: "tasks of somebody else's" },
  I08: { title: 'answers to a task' },
  I09: { title: 'requestState' },
  I10: { title: 'caches of lists' },
  S01: { title: 'a client that never reads' },
  S02: { title: 'many readers that stall' },
  S03: { title: 'a reader that goes' },
  S04: { title: '10 000 idle streams' },
  S05: { title: 'clients that take their time' },
  S06: { title: 'streams of one caller' },
  S07: { title: 'connections that break anywhere' },
  S08: { title: 'forged events' },
  S09: { title: 'order and loss' },
  S10: { title: 'tools that misbehave' },
  S11: { title: 'overload' },
  S12: { title: 'mixed traffic of clients that vanish' },
  F01: { title: 'killed after a task was acknowledged' },
  F02: { title: 'killed while a task runs' },
  F03: { title: 'a task that kills its process' },
  F05: { title: 'cancelling races' },
  F06: { title: 'Redis that stops or hangs', reason: NO_REDIS },
  F07: { title: 'Redis that forgets', reason: NO_REDIS },
  F08: { title: 'disk full, file locked or broken' },
  F09: { title: 'three machines behind nginx' },
  F10: { title: 'keys that change, files of another version' },
  F11: { title: 'a network that splits' },
  F13: { title: 'clocks that jump' },
  F14: { title: 'very many tasks' },
  N01: { title: 'TLS versions and certificates' },
  N02: { title: 'handshakes that are none' },
  N03: { title: 'client certificates' },
  N04: { title: 'streams of one HTTP/2 connection' },
  N06: { title: 'nginx and Caddy in front' },
  N07: { title: 'credentials in the clear' },
  C01: { title: 'commands and shells' },
  C02: {
    title: 'requests to private addresses',
    reason: 'only URLs of issuers the operator named are fetched',
  },
  C03: { title: 'redirects' },
  C04: {
    title: 'metadata of authorization servers',
    reason: 'the client signs nobody in by itself',
  },
  C05: { title: 'URLs made of arguments', reason: NO_GATEWAY },
  C06: { title: 'what a gateway passes on', reason: NO_GATEWAY },
  C07: { title: 'a server that misbehaves' },
  C08: { title: 'environment of commands' },
  C10: { title: 'tools that change', reason: NO_GATEWAY },
  D01: { title: 'paths that lead out' },
  D03: { title: 'archives that grow' },
  D04: { title: 'hostile PDFs' },
  D06: { title: 'types by content' },
  L01: { title: 'health and figures' },
  L03: { title: 'audit' },
  L04: { title: 'secrets in what is written' },
  L05: { title: 'dependencies and package' },
};

const IDS = /^((?:[A-Z]\d\d, )*[A-Z]\d\d): /;

/** The rows a `describe` belongs to by its name. */
export function rowsOf(name: string): readonly string[] {
  return IDS.exec(name)?.[1]?.split(', ') ?? [];
}
