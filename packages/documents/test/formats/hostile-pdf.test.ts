import { describe, expect, it } from 'vitest';
import { bigPdf } from '../support/big-pdf.ts';
import { engineFixture } from '../support/engine.ts';
import { CONTENT, HOSTILE_PDFS, PAGE, rawPdf } from '../support/hostile-pdfs.ts';
import '../../../strom/test/faults/support/base-line.ts';

describe('D04: a hostile PDF', () => {
  it.each(Object.keys(HOSTILE_PDFS))('%s fails with a reason and soon', async (name) => {
    await using fixture = await engineFixture({ limits: { timeoutMs: 5_000 } });
    await fixture.docs.write(name, HOSTILE_PDFS[name] ?? '');
    const { documents, milliseconds } = await fixture.engine.convert({ paths: [name] });
    expect(documents[0]?.status).toBe('failed');
    expect(['corrupt', 'too_large', 'no_text']).toContain(documents[0]?.error?.code);
    expect(milliseconds).toBeLessThan(5_000);
  });

  it('has the pages it has, whatever it claims', async () => {
    await using fixture = await engineFixture();
    const claim = '<</Type/Pages/Kids[3 0 R]/Count 1000000>>';
    const pdf = rawPdf(['<</Type/Catalog/Pages 2 0 R>>', claim, PAGE, CONTENT]);
    await fixture.docs.write('claim.pdf', pdf);
    const { documents } = await fixture.engine.convert({ paths: ['claim.pdf'] });
    expect(documents[0]).toMatchObject({ status: 'converted', pages: 1 });
  });

  it('is read where only its index is broken, and its actions are ignored', async () => {
    await using fixture = await engineFixture();
    const actions =
      '<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert(1))>>/AA<</WC<</S/Launch/F(calc.exe)>>>>>>';
    const pdf = rawPdf([actions, '<</Type/Pages/Kids[3 0 R]/Count 1>>', PAGE, CONTENT]);
    await fixture.docs.write('actions.pdf', pdf);
    const { documents, job } = await fixture.engine.convert({ paths: ['actions.pdf'] });
    expect(documents[0]).toMatchObject({ status: 'converted', pages: 1 });
    const own = fixture.engine.jobs.get(job, 'local');
    expect(own && String(await fixture.engine.readMarkdown(own, 'actions.pdf'))).toBe(
      'the water stood high\n',
    );
  });

  it('that was cut short anywhere fails or is read, but never hangs', async () => {
    await using fixture = await engineFixture({ limits: { timeoutMs: 5_000 } });
    const whole = await bigPdf(3);
    const names: string[] = [];
    for (const share of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const name = `cut-${share}.pdf`;
      names.push(name);
      await fixture.docs.write(name, whole.subarray(0, Math.floor(whole.length * share)));
    }
    const { documents } = await fixture.engine.convert({ paths: names });
    for (const { status, error } of documents) {
      expect(status === 'converted' ? 'converted' : error?.code).toMatch(
        /converted|corrupt|no_text/,
      );
    }
  });
});
