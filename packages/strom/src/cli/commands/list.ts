import type { Client } from '../../client/client.ts';
import type { Prompt, Resource, ResourceTemplate, Tool } from '../../protocol/spec/2026-07-28.ts';
import { describeArguments } from '../arguments/describe-arguments.ts';
import type { CommandRun } from '../command-run.ts';
import type { ConnectionFlags } from '../connection-flags.ts';
import { fitLine, plainLine } from '../live/terminal-text.ts';
import { refuseRest, splitWords } from '../split-words.ts';
import { withClient } from '../with-client.ts';

export interface ListWords {
  readonly words: readonly string[];
  readonly command: readonly string[] | undefined;
  readonly flags: ConnectionFlags;
}

/** Everything a server offers. */
interface Inventory {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly resourceTemplates: readonly ResourceTemplate[];
  readonly prompts: readonly Prompt[];
}

/** `strom list`: what a server has. */
export async function runList(
  run: CommandRun,
  { words, command, flags }: ListWords,
): Promise<void> {
  const { word, name, rest } = splitWords(words, command);
  refuseRest(name === undefined ? rest : [name]);
  await withClient(run, { word, command, flags }, async (client) => {
    const inventory = await readInventory(client, run.interrupt.signal);
    if (flags.json) await run.out.json({ server: client.server, ...inventory }, 'pretty');
    else await run.out.text(describe(client, inventory, columnsOf(run)));
  });
}

async function readInventory(client: Client, signal: AbortSignal): Promise<Inventory> {
  const { tools, resources, prompts } = client.server.capabilities;
  const options = { signal };
  return {
    tools: tools ? await client.listTools(options) : [],
    resources: resources ? await client.listResources(options) : [],
    resourceTemplates: resources ? await client.listResourceTemplates(options) : [],
    prompts: prompts ? await client.listPrompts(options) : [],
  };
}

/** A terminal gets lines that fit; everything else gets them whole. */
function columnsOf({ host, out }: CommandRun): number {
  return out.isTerminal ? host.stdout.columns : Number.POSITIVE_INFINITY;
}

interface Item {
  readonly usage: string;
  readonly about: string | undefined;
}

function describe(client: Client, inventory: Inventory, columns: number): string {
  const { name, title, version, revision, transport } = client.server;
  const sections = [
    section('Tools', inventory.tools.map(toolItem)),
    section(
      'Resources',
      inventory.resources.map(({ uri, ...rest }) => item(uri, rest)),
    ),
    section(
      'Resource templates',
      inventory.resourceTemplates.map(({ uriTemplate, ...rest }) => item(uriTemplate, rest)),
    ),
    section('Prompts', inventory.prompts.map(promptItem)),
  ].filter((lines) => lines.length > 0);
  const head = `${title ?? name} ${version}  (${revision}, ${transport})`;
  const body = sections.length === 0 ? [['It offers nothing.']] : sections;
  return [[head], ...body]
    .map((lines) => lines.map((line) => fitLine(line, columns)).join('\n'))
    .join('\n\n');
}

function section(title: string, items: readonly Item[]): readonly string[] {
  if (items.length === 0) return [];
  const lines = items.flatMap(({ usage, about }) => [
    `  ${plainLine(usage)}`,
    ...(about === undefined ? [] : [`      ${plainLine(about)}`]),
  ]);
  return [title, ...lines];
}

function toolItem({ name, title, description, inputSchema }: Tool): Item {
  return { usage: `${name} ${describeArguments(inputSchema)}`, about: description ?? title };
}

function promptItem({ name, title, description, arguments: args = [] }: Prompt): Item {
  const usage = args.map(({ name, required }) =>
    required === true ? `${name}=<string>` : `[${name}=<string>]`,
  );
  return { usage: [name, ...usage].join(' '), about: description ?? title };
}

type Described = Pick<Resource, 'name' | 'title' | 'description' | 'mimeType'>;

function item(usage: string, { name, title, description, mimeType }: Described): Item {
  const about = [title ?? name, mimeType, description].filter((text) => text !== undefined);
  return { usage, about: about.join('  ') };
}
