import { KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';

/** Whom the tokens of these tests are for. */
export const AUDIENCE = 'https://mcp.example.test/mcp';

interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

type Answer = (response: ServerResponse) => void;

export interface TokenOver {
  readonly claims?: Record<string, unknown>;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly key?: SigningKey;
}

let keys = 0;

async function makeKey(alg: string): Promise<SigningKey> {
  keys += 1;
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const kid = `key-${keys}`;
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** An issuer that signs whatever it is told to, and serves its keys the way it is told to. */
export class JwtIssuer implements AsyncDisposable {
  issuer = '';
  /** What was asked, in order: paths. */
  readonly requests: string[] = [];
  /** Answers requests for keys; by default with those of this issuer. */
  answerKeys: Answer = (response) => this.sendJson(response, { keys: this.published });
  /** Answers requests for introspection; a text as it is. */
  answerIntrospection: (token: string) => object | string | Promise<object | string> = () => ({
    active: false,
  });
  published: JWK[];
  key: SigningKey;
  readonly #server = createServer((request, response) => {
    this.requests.push(request.url ?? '');
    if (request.url?.startsWith('/.well-known/')) this.sendJson(response, this.metadata);
    else if (request.url === '/introspect') void this.#introspect(request, response);
    else this.answerKeys(response);
  });
  metadata: Record<string, unknown> = {};

  private constructor(key: SigningKey) {
    this.key = key;
    this.published = [key.jwk];
  }

  static async start(alg = 'ES256'): Promise<JwtIssuer> {
    const made = new JwtIssuer(await makeKey(alg));
    made.#server.listen(0, '127.0.0.1');
    await once(made.#server, 'listening');
    made.issuer = `http://127.0.0.1:${(made.#server.address() as AddressInfo).port}`;
    made.metadata = {
      issuer: made.issuer,
      jwks_uri: made.jwksUri,
      introspection_endpoint: `${made.issuer}/introspect`,
    };
    return made;
  }

  get jwksUri(): string {
    return `${this.issuer}/jwks`;
  }

  /** How often keys were asked for. */
  get keyRequests(): number {
    return this.requests.filter((path) => path === '/jwks').length;
  }

  /** Signs with a new key from now on; `published` has both, or the new one alone. */
  async rotate({ keepsOld }: { keepsOld: boolean }): Promise<void> {
    this.key = await makeKey(this.key.alg);
    this.published = keepsOld ? [...this.published, this.key.jwk] : [this.key.jwk];
  }

  /** A token that holds, but for what is said otherwise; `undefined` takes a claim away. */
  async token({ claims = {}, header = {}, key = this.key }: TokenOver = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.issuer, aud: AUDIENCE, sub: 'alice', exp: now + 600, iat: now };
    const jwt = new SignJWT({ ...payload, ...claims });
    jwt.setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header });
    return await jwt.sign(key.privateKey);
  }

  /** A token of these texts, whatever they say; RS256. */
  signText(header: string, payload: string): string {
    const input = [header, payload]
      .map((text) => Buffer.from(text).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(input), KeyObject.from(this.key.privateKey));
    return `${input}.${signature.toString('base64url')}`;
  }

  sendJson(response: ServerResponse, value: unknown, status = 200): void {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  }

  async #introspect(request: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk.toString();
    const token = new URLSearchParams(body).get('token') ?? '';
    const answer = await this.answerIntrospection(token);
    if (typeof answer === 'object') return this.sendJson(response, answer);
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
