/**
 * The command the official conformance suite starts as "client under test", once per scenario:
 * `node client.js <server-url>`, with the scenario's name in MCP_CONFORMANCE_SCENARIO.
 *
 * @see https://github.com/modelcontextprotocol/conformance
 * @module
 */
import { type Client, type ConnectOptions, connect } from '../../src/entry/client.ts';

/** The suite does not kill a client that hangs. */
const WATCHDOG_MS = 25_000;

const ACCEPT_WITH_DEFAULTS: ConnectOptions = {
  handlers: { elicit: () => ({ action: 'accept', content: {} }) },
};

const CONFIRM: ConnectOptions = {
  handlers: { elicit: () => ({ action: 'accept', content: { confirmed: true } }) },
};

const ALL_CAPABILITIES: ConnectOptions = {
  handlers: {
    elicit: () => ({ action: 'decline' }),
    elicitUrl: () => ({ action: 'decline' }),
    sample: () => ({ role: 'assistant', model: 'none', content: { type: 'text', text: '' } }),
    roots: () => [],
  },
};

interface Scenario {
  readonly options?: ConnectOptions;
  readonly play: (client: Client) => Promise<unknown>;
}

interface PlannedCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

async function callAll(client: Client): Promise<void> {
  for (const { name } of await client.listTools()) await client.call(name);
}

async function callAsPlanned(client: Client): Promise<void> {
  await client.listTools();
  const plan = JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}') as {
    toolCalls?: PlannedCall[];
  };
  for (const call of plan.toolCalls ?? []) await client.call(call.name, call.arguments);
}

async function useEverything(client: Client): Promise<void> {
  await callAll(client);
  for (const { uri } of await client.listResources()) await client.readResource(uri);
  for (const { name } of await client.listPrompts()) await client.getPrompt(name);
}

async function addNumbers(client: Client): Promise<void> {
  await client.listTools();
  await client.call('add_numbers', { a: 5, b: 3 });
}

async function echoSchema(client: Client): Promise<void> {
  const tools = await client.listTools();
  const focal = tools.find(({ name }) => name === 'json_schema_2020_12_tool');
  await client.call('json_schema_echo', { schema: focal?.inputSchema });
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  initialize: { play: (client) => client.listTools() },
  tools_call: { play: addNumbers },
  'elicitation-sep1034-client-defaults': { options: ACCEPT_WITH_DEFAULTS, play: callAll },
  'sse-retry': { play: callAll },
  'request-metadata': { options: ALL_CAPABILITIES, play: (client) => client.listTools() },
  'http-standard-headers': { play: useEverything },
  'http-custom-headers': { play: callAsPlanned },
  'http-invalid-tool-headers': { play: callAll },
  'json-schema-ref-no-deref': { play: (client) => client.listTools() },
  'sep-2322-client-request-state': { options: CONFIRM, play: callAll },
  'json-schema-2020-12-preservation': { play: echoSchema },
};

async function run(): Promise<void> {
  const name = process.env['MCP_CONFORMANCE_SCENARIO'] ?? '';
  const url = process.argv.at(-1) ?? '';
  const scenario = Object.hasOwn(SCENARIOS, name) ? SCENARIOS[name] : undefined;
  if (scenario === undefined) throw new Error(`no such scenario: ${name}`);
  await using client = await connect(url, scenario.options);
  await scenario.play(client);
}

const watchdog = setTimeout(() => process.exit(2), WATCHDOG_MS);
watchdog.unref();
try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
}
