import { type Running, Strom } from '../../src/entry/index.ts';
import { addContentTools } from './fixture/content-tools.ts';
import { addNotifyingTools } from './fixture/notifying-tools.ts';
import { addPrompts } from './fixture/prompts.ts';
import { addQuestionTools } from './fixture/question-tools.ts';
import { addResources } from './fixture/resources.ts';
import { addRoundTools } from './fixture/round-tools.ts';
import { addSchemaTools } from './fixture/schema-tools.ts';
import { addTaskTools } from './fixture/task-tools.ts';

/** The server the official suite is run against: every name in it is one the suite asks for. */
function conformanceServer(): Strom {
  const strom = new Strom({ name: 'strom-conformance', version: '1.0.0' });
  addContentTools(strom);
  addNotifyingTools(strom);
  addQuestionTools(strom);
  addRoundTools(strom);
  addSchemaTools(strom);
  addTaskTools(strom);
  addResources(strom);
  addPrompts(strom);
  return strom;
}

/** Serves it on a free port of this machine. */
export function runConformanceServer(): Promise<Running> {
  return conformanceServer().run({ port: 0, handleSignals: false });
}
