import type { ServerPlan } from './server.ts';

/** The plan of servers with the tools of this folder, whoever's library they are made with. */
export const FIXTURE_PLAN: ServerPlan = {
  listed: 'process',
  progress: {
    tool: 'process',
    total: 3,
    arguments: (run) => ({ run, documents: 3 }),
    acknowledge: 'acknowledge',
  },
  log: { tool: 'log', isToggle: false },
  ask: { tool: 'ask', says: /^Hello, Ada$/ },
  cancel: { tool: 'hang', arguments: (run) => ({ run }), confirm: 'why_stopped' },
  subscribe: { uri: 'note://one', tool: 'touch', isToggle: false },
};
