import type { Against } from './contenders.ts';
import type { Row, WorkName } from './row.ts';

/** What a ratio has to reach. */
export interface Goal {
  readonly must: number;
  /** `more` where Strom should be the larger: rates. `less`: times and memory. */
  readonly better: 'more' | 'less';
}

type Goals = Partial<Record<WorkName, Partial<Record<Against, number>>>>;

const AT_LEAST: Goals = {
  'json-call': { floor: 0.75, constant: 0.5, 'sdk-2': 10, 'sdk-1': 6, tmcp: 4 },
  'json-call-checked': {
    floor: 0.75,
    constant: 0.5,
    'sdk-2': 10,
    'sdk-1': 6,
    tmcp: 4,
    self: 0.8,
  },
  'auth-key': { self: 0.8 },
  'auth-token': { self: 0.8 },
  'notify-100': { floor: 2, 'sdk-2': 18, 'sdk-1': 20, tmcp: 5 },
  'notify-100-awaited': { floor: 1.8, 'sdk-2': 18, 'sdk-1': 20, tmcp: 5 },
  'notify-immediate': { floor: 0.9 },
  'notify-immediate-window': { floor: 4 },
  'https-echo': { self: 0.6 },
  'h2-echo': { self: 0.55 },
  'workers-2': { self: 1.5 },
  'store-durable': { floor: 0.7 },
  'store-batched': { floor: 0.7 },
};

const AT_MOST: Goals = {
  'latency-saturated-p50': { 'sdk-2': 0.7 },
  'latency-saturated-p99': { 'sdk-2': 1 },
  'idle-stream-heap': { floor: 1.3 },
  'idle-stream-rss': { 'sdk-2': 0.5 },
  'flood-memory': { 'sdk-2': 0.05 },
  'third-client': { self: 3 },
};

/** The goal of a row, where there is one. */
export function goalOf({ work, against }: Row): Goal | undefined {
  const least = AT_LEAST[work]?.[against];
  if (least !== undefined) return { must: least, better: 'more' };
  const most = AT_MOST[work]?.[against];
  return most === undefined ? undefined : { must: most, better: 'less' };
}

/** Whether a row reaches its goal; `true` where it has none. */
export function isReached(row: Row): boolean {
  const goal = goalOf(row);
  if (goal === undefined) return true;
  return goal.better === 'more' ? row.ratio >= goal.must : row.ratio <= goal.must;
}
