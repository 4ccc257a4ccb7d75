import { describe, expect, it } from 'vitest';
import { extractSnippets } from '../snippets/extract.ts';

describe('extractSnippets', () => {
  it('takes ts blocks and nothing else, each with its line', () => {
    const text = 'Text\n\n```ts\nconst a = 1;\n```\n\n```sh\nls\n```\n\n```ts\nconst b = 2;\n```\n';
    expect(extractSnippets('a.md', text)).toEqual([
      { file: 'a.md', line: 4, code: 'const a = 1;\n' },
      { file: 'a.md', line: 12, code: 'const b = 2;\n' },
    ]);
  });

  it('takes blocks out of doc comments', () => {
    const text = '/**\n * Does it.\n *\n * ```ts\n * if (a) {\n *   b();\n * }\n * ```\n */\n';
    expect(extractSnippets('a.ts', text).map(({ code }) => code)).toEqual([
      'if (a) {\n  b();\n}\n',
    ]);
  });

  it('refuses a block that is never closed', () => {
    expect(() => extractSnippets('a.md', '```ts\nconst a = 1;\n')).toThrow('a.md:1');
  });
});
