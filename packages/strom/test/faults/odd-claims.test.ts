import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { type Guarded, startGuarded } from '../auth/support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from '../auth/support/jwt-issuer.ts';
import './support/base-line.ts';

const SOON = Math.floor(Date.now() / 1000) + 600;
const CANARY = 'canary-of-an-answer';

let issuer: JwtIssuer;
let signed: Guarded;
let asked: Guarded;

beforeAll(async () => {
  issuer = await JwtIssuer.start('RS256');
  const introspection = { clientId: 'rs', clientSecret: 'x', cacheMs: 0 };
  const about = { issuer: issuer.issuer, audience: AUDIENCE };
  signed = await startGuarded([oauth(about)]);
  asked = await startGuarded([oauth({ ...about, introspection })]);
});

afterAll(async () => {
  await signed[Symbol.asyncDispose]();
  await asked[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const KNOWN = { alg: 'RS256', typ: 'at+jwt' };

/** A token with these members at the end of its header and its payload, as JSON. */
function token({ header = '', claims = '' }: { header?: string; claims?: string } = {}): string {
  const { kid } = issuer.key;
  const usual = { iss: issuer.issuer, aud: AUDIENCE, sub: 'alice', exp: SOON };
  return issuer.signText(
    `${JSON.stringify({ ...KNOWN, kid }).slice(0, -1)}${header}}`,
    `${JSON.stringify(usual).slice(0, -1)}${claims}}`,
  );
}

describe('A01, A02, A03: a signed token', () => {
  it('is taken as it is', async () => {
    expect((await signed.callWith(token())).status).toBe(200);
  });

  it.each([
    ',"exp":1e400',
    ',"exp":1e300',
    ',"exp":-1',
    `,"exp":"${SOON}"`,
    ',"exp":[]',
    ',"nbf":"0"',
    ',"nbf":1e400',
    ',"iat":"x"',
    ',"aud":[]',
    `,"aud":[["${AUDIENCE}"]]`,
    `,"aud":{"0":"${AUDIENCE}","length":1}`,
    `,"aud":"${AUDIENCE}/"`,
    ',"iss":["x"]',
    ',"sub":5',
    ',"sub":{"toString":1}',
    ',"sub":"\\ud800"',
    ',"sub":"a\\udc00b"',
    ',"typ":5,"nonce":"n"',
    ',"cnf":null',
  ])('is refused with the claim %s', async (claims) => {
    expect((await signed.callWith(token({ claims }))).status).toBe(401);
  });

  it.each([
    ',"alg":"none"',
    ',"alg":["RS256"]',
    ',"kid":5',
    ',"kid":{"toString":1}',
    ',"typ":{}',
    ',"crit":[]',
    ',"crit":["x"],"x":1',
    ',"crit":["b64"],"b64":false',
    ',"kid":"other","jku":"http://127.0.0.1:1/"',
  ])('is refused with the header %s', async (header) => {
    expect((await signed.callWith(token({ header }))).status).toBe(401);
  });

  it('asks nobody a token names for its keys', async () => {
    const before = issuer.requests.length;
    const header = `,"jku":"${issuer.issuer}/jku","x5u":"${issuer.issuer}/x5u"`;
    expect((await signed.callWith(token({ header }))).status).toBe(200);
    expect(issuer.requests.slice(before)).toEqual([]);
  });
});

describe('L04: the key in the address of an issuer', () => {
  it('is sent, and not written down where there is no answer', async () => {
    await using down = await JwtIssuer.start('RS256');
    const jwksUri = `${down.jwksUri}?code=${CANARY}`;
    await using server = await startGuarded([
      oauth({ issuer: down.issuer, audience: AUDIENCE, jwksUri }),
    ]);
    down.answerKeys = (response) => response.writeHead(500).end();
    expect((await server.callWith(await down.token())).status).toBe(503);
    expect(down.requests).toEqual([`/jwks?code=${CANARY}`]);
    const written = inspect(server.logs.records, { depth: 12 });
    expect(written).toContain(down.jwksUri);
    expect(written).not.toContain(CANARY);
  });
});

describe('A01, A02: what an issuer says of a token', () => {
  const said = async (members: string): Promise<number> => {
    issuer.answerIntrospection = () =>
      `{"active":true,"aud":"${AUDIENCE}","sub":"alice","exp":${SOON}${members}}`;
    return (await asked.callWith('opaque')).status;
  };

  it.each(['', ',"nbf":null', ',"scope":{"toString":1}'])('is taken with %j', async (members) => {
    expect(await said(members)).toBe(200);
  });

  it.each([
    ',"active":"true"',
    ',"active":1',
    ',"active":[true]',
    ',"exp":1e400',
    `,"exp":"${SOON}"`,
    ',"exp":{"valueOf":1,"toString":1}',
    ',"nbf":{"valueOf":1,"toString":1}',
    ',"nbf":[]',
    ',"nbf":"0"',
    ',"sub":null',
    ',"sub":["alice"]',
    ',"iss":[]',
    ',"aud":null',
    ',"token_type":"DPoP"',
  ])('is refused with %s', async (members) => {
    expect(await said(members)).toBe(401);
  });

  it.each(['', 'null', '[{"active":true}]', CANARY, `{"active":true,${CANARY}}`])(
    'is no answer where it is %j, and no part of it is written down',
    async (answer) => {
      issuer.answerIntrospection = () => answer;
      expect((await asked.callWith(CANARY)).status).toBe(503);
      expect(inspect(asked.logs.records, { depth: 12 })).not.toContain(CANARY);
    },
  );
});
