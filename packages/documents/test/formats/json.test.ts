import { describe, expect, it } from 'vitest';
import { convertJson } from '../../src/formats/json.ts';
import { sample, source } from '../support/samples.ts';

describe('convertJson', () => {
  it('turns a list of flat objects into a table', async () => {
    const { markdown } = convertJson(await sample('stations.json'));
    expect(markdown).toContain('| id | name | opened | gaugeZeroM | active |');
    expect(markdown).toContain('| BF-05 | Beet Field (memorial) | 1911 | 6.3 | false |');
  });

  it('shows anything else as it is, laid out', () => {
    expect(convertJson(source('{"a":[1,2]}')).markdown).toBe(
      '```json\n{\n  "a": [\n    1,\n    2\n  ]\n}\n```\n',
    );
  });

  it('never changes a long number', () => {
    const { markdown } = convertJson(source('[{"id":12345678901234567890}]'));
    expect(markdown).toContain('12345678901234567890');
  });

  it('fences longer than any fence inside', () => {
    expect(convertJson(source('["````"]')).markdown).toMatch(/^`````json\n/);
  });

  it('names what is not JSON', () => {
    expect(() => convertJson(source('{"a":'))).toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
  });

  it('D03: refuses objects of which no two have a key in common, when they are many', () => {
    const rows = Array.from({ length: 8000 }, (_, index) => ({ [`key${index}`]: 1 }));
    expect(() => convertJson(source(JSON.stringify(rows)))).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });
});
