/**
 * Requests that a page can make to any server without being asked to prove anything.
 *
 * @module
 */

interface Element {
  src: string;
  href: string;
  rel: string;
  action: string;
  method: string;
  enctype: string;
  target: string;
  name: string;
  value: string;
  srcdoc: string;
  sandbox: string;
  append(child: Element): void;
  submit(): void;
}

/** What there is of the DOM; the tests are compiled without its types. */
interface Dom {
  readonly document: { createElement(tag: string): Element; readonly body: Element };
  readonly EventSource: new (url: string) => unknown;
  readonly navigator: { sendBeacon(url: string, body: string): boolean };
}

const dom = globalThis as unknown as Dom;

function add(tag: string, properties: Partial<Element>): Element {
  const element = Object.assign(dom.document.createElement(tag), properties);
  dom.document.body.append(element);
  return element;
}

/** A form whose body as `text/plain` reads as JSON: the `=` hides in a member of its own. */
function submitForm(url: string, json: string): void {
  // Each in a frame of its own: one that has left the site no longer goes by its name.
  add('iframe', { name: url });
  const properties = { action: url, method: 'post', enctype: 'text/plain', target: url };
  const form = add('form', properties);
  const field = dom.document.createElement('input');
  field.name = `${json.slice(0, -1)},"x":"`;
  field.value = '"}';
  form.append(field);
  form.submit();
}

const ignore = (): void => undefined;
const PLAIN = { 'content-type': 'text/plain' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** A page without an origin of its own, which names itself `null`. */
function fetchSandboxed(url: string): void {
  const srcdoc = `<script>fetch(${JSON.stringify(url)}).catch(() => undefined)</script>`;
  add('iframe', { sandbox: 'allow-scripts', srcdoc });
}

function send(url: string, init: RequestInit): void {
  void fetch(url, init).catch(ignore);
}

type Attack = (url: string, body: string) => void;

const READING: Readonly<Record<string, Attack>> = {
  image: (url) => void add('img', { src: url }),
  script: (url) => void add('script', { src: url }),
  style: (url) => void add('link', { rel: 'stylesheet', href: url }),
  frame: (url) => void add('iframe', { src: url }),
  'event-source': (url) => void new dom.EventSource(url),
  fetch: (url) => send(url, {}),
  'no-cors': (url) => send(url, { mode: 'no-cors' }),
  'no-referrer': (url) => send(url, { mode: 'no-cors', referrerPolicy: 'no-referrer' }),
  sandbox: fetchSandboxed,
};

const WRITING: Readonly<Record<string, Attack>> = {
  form: submitForm,
  beacon: (url, body) => void dom.navigator.sendBeacon(url, body),
  text: (url, body) => send(url, { method: 'POST', headers: PLAIN, body }),
  'text-no-cors': (url, body) =>
    send(url, { method: 'POST', mode: 'no-cors', headers: PLAIN, body }),
  'no-type': (url, body) =>
    send(url, { method: 'POST', mode: 'no-cors', body: new Blob([body]), keepalive: true }),
  json: (url, body) => send(url, { method: 'POST', headers: JSON_TYPE, body }),
};

/** Ways to make a browser send a GET. */
export const READING_ATTACKS = Object.keys(READING);
/** Ways to make a browser send a POST, or to ask whether it may. */
export const WRITING_ATTACKS = Object.keys(WRITING);

/** Has the browser send a request and does not wait for the answer. */
export function attack(kind: string, url: string, body = ''): void {
  ({ ...READING, ...WRITING })[kind]?.(url, body);
}
