const MB = 1024 * 1024;
const LINE = 'a line with "quotes"\n';
/** Of one of many texts, in characters. */
const PAGE_CHARS = 4000;
/** Of one row of the table, in characters of JSON. */
const ROW_CHARS = 60;

function rows(sizeMb: number): object[] {
  return Array.from({ length: Math.floor((sizeMb * MB) / ROW_CHARS) }, (_, id) => ({
    id: 1_000_000 + id,
    name: `row number ${1_000_000 + id}`,
    isEven: id % 2 === 0,
  }));
}

const text = (sizeMb: number): string => LINE.repeat(Math.floor((sizeMb * MB) / LINE.length));
const page = (number: number): string => `${number}: ${text(PAGE_CHARS / MB)}`;
const pages = (sizeMb: number) =>
  Array.from({ length: Math.floor((sizeMb * MB) / PAGE_CHARS) }, (_, number) => ({
    type: 'text' as const,
    text: page(number),
  }));
const bytes = (sizeMb: number): string => 'QUJD'.repeat(Math.floor((sizeMb * MB) / 4));

/** Results of about a size, by what makes them large. */
export const LARGE_RESULTS = {
  text: (sizeMb: number) => ({ content: [{ type: 'text' as const, text: text(sizeMb) }] }),
  pages: (sizeMb: number) => ({ content: pages(sizeMb) }),
  bytes: (sizeMb: number) => ({
    content: [
      { type: 'resource' as const, resource: { uri: 'test://bytes', blob: bytes(sizeMb) } },
    ],
  }),
  structuredText: (sizeMb: number) => ({
    content: [],
    structuredContent: { deep: [{ text: text(sizeMb) }] },
  }),
  structuredRows: (sizeMb: number) => ({ content: [], structuredContent: { rows: rows(sizeMb) } }),
};

export type LargeKind = keyof typeof LARGE_RESULTS;
