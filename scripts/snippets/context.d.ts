/**
 * What the snippets of the documents may use without saying where it comes from. A snippet that
 * declares one of these names itself uses its own.
 */
declare const Strom: typeof import('strom').Strom;
declare const question: typeof import('strom').question;
declare const apiKeys: typeof import('strom/auth').apiKeys;
declare const oauth: typeof import('strom/auth').oauth;
declare const connect: typeof import('strom/client').connect;
declare const streamUrl: typeof import('strom/client').streamUrl;
declare const createDocumentsServer: typeof import('@strom/documents').createDocumentsServer;
declare const z: typeof import('zod').z;
declare const strom: import('strom').Strom;
declare const ctx: import('strom').Context;
declare const client: import('strom/client').Client;
