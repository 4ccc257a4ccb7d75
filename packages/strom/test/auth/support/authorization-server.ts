import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import { freePort } from './free-port.ts';

/** A client that may get tokens for itself. */
export const CLIENT = { id: 'machine', secret: 'machine-secret-of-many-characters' };
/** The client that our server is when it introspects. */
export const RESOURCE_SERVER = { id: 'mcp server', secret: 'a secret: with % signs' };

export interface AuthorizationServerOptions {
  /** The endpoint tokens may be asked for. */
  readonly resource: string;
  readonly format: 'jwt' | 'opaque';
}

let keys = 0;

async function newKey(): Promise<JWK> {
  keys += 1;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: `as-${keys}`, alg: 'RS256', use: 'sig' };
}

const SCOPES = 'files:read files:write';

/** What the server has given out, in memory. */
class Store implements Adapter {
  readonly #kept = new Map<string, AdapterPayload>();

  async upsert(id: string, payload: AdapterPayload): Promise<undefined> {
    this.#kept.set(id, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#kept.get(id);
  }

  async destroy(id: string): Promise<undefined> {
    this.#kept.delete(id);
  }

  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<undefined> {}
  async revokeByGrantId(): Promise<undefined> {}
}

function configure(options: AuthorizationServerOptions, signingKeys: JWK[]): Configuration {
  return {
    adapter: Store,
    ttl: { ClientCredentials: 600 },
    jwks: { keys: signingKeys as never },
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: RESOURCE_SERVER.id,
        client_secret: RESOURCE_SERVER.secret,
        grant_types: [],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          audience: options.resource,
          scope: SCOPES,
          accessTokenTTL: 600,
          accessTokenFormat: options.format,
        }),
      },
    },
  };
}

/** A certified authorization server in this process, on a port of loopback. */
export class AuthorizationServer implements AsyncDisposable {
  readonly issuer: string;
  readonly #server = createServer((request, response) => {
    void this.#provider.callback()(request, response);
  });
  readonly #options: AuthorizationServerOptions;
  #provider: Provider;
  #keys: JWK[] = [];

  private constructor(issuer: string, options: AuthorizationServerOptions) {
    this.issuer = issuer;
    this.#options = options;
    this.#provider = new Provider(issuer, configure(options, []));
  }

  static async start(options: AuthorizationServerOptions): Promise<AuthorizationServer> {
    const port = await freePort();
    const made = new AuthorizationServer(`http://127.0.0.1:${port}`, options);
    await made.rotate();
    made.#server.listen(port, '127.0.0.1');
    await once(made.#server, 'listening');
    return made;
  }

  /** Signs with a new key from now on; the old ones are published on. */
  async rotate(): Promise<void> {
    this.#keys = [await newKey(), ...this.#keys];
    this.#provider = new Provider(this.issuer, configure(this.#options, this.#keys));
  }

  /** A token of the client for itself, as it gets one over HTTP. */
  async token(scope = '', resource = this.#options.resource): Promise<string> {
    const { access_token: token } = (await this.#post('/token', CLIENT, {
      grant_type: 'client_credentials',
      resource,
      ...(scope !== '' && { scope }),
    })) as { access_token: string };
    return token;
  }

  async revoke(token: string): Promise<void> {
    await this.#post('/token/revocation', CLIENT, { token });
  }

  async #post(
    path: string,
    client: { id: string; secret: string },
    fields: Record<string, string>,
  ): Promise<unknown> {
    const response = await fetch(`${this.issuer}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
      body: new URLSearchParams(fields),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
