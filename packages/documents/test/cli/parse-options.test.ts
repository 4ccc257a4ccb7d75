import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/cli/parse-options.ts';

describe('parseOptions', () => {
  it('needs nothing but a root', () => {
    expect(parseOptions(['--root', '/docs'], {})).toEqual({
      server: { roots: ['/docs'], output: 'markdown', limits: {} },
      run: { transport: 'stdio' },
    });
  });

  it('reads every flag', () => {
    const args =
      '--root /a --root /b --output /out --transport streamable-http --host ::1 --port 0 --workers 1 --max-documents 5 --max-input-mib 2 --max-pages 3 --memory-mib 300 --timeout-ms 1000 --store /tasks.db --task-lease-ms 500';
    expect(parseOptions(args.split(' '), {})).toEqual({
      server: {
        roots: ['/a', '/b'],
        output: '/out',
        limits: {
          maxInputBytes: 2_097_152,
          maxPages: 3,
          memoryBytes: 314_572_800,
          timeoutMs: 1_000,
        },
        workers: 1,
        maxDocuments: 5,
        taskLeaseMs: 500,
      },
      store: '/tasks.db',
      run: { transport: 'streamable-http', host: '::1', port: 0 },
    });
  });

  it('takes the environment where there is no flag', () => {
    const env = {
      STROM_DOCUMENTS_ROOTS: '/a:/b',
      STROM_DOCUMENTS_OUTPUT: '/out',
      STROM_DOCUMENTS_TRANSPORT: 'streamable-http',
      STROM_DOCUMENTS_PORT: '4000',
      STROM_DOCUMENTS_HOST: '127.0.0.1',
      STROM_DOCUMENTS_STORE: '/tasks.db',
    };
    expect(parseOptions(['--port', '5000'], env)).toEqual({
      server: { roots: ['/a', '/b'], output: '/out', limits: {} },
      store: '/tasks.db',
      run: { transport: 'streamable-http', port: 5000, host: '127.0.0.1' },
    });
  });

  it.each([
    [[]],
    [['--root', '/a', '--transport', 'sse']],
    [['--root', '/a', '--port', 'x']],
    [['--root', '/a', '--store', '']],
    [['--root', '/a', '--task-lease-ms', '0']],
    [['--root', '/a', '--workers', '0']],
    [['--root', '/a', '--timeout-ms', '-5']],
    [['--root', '/a', '--unknown']],
  ])('refuses %j', (args) => {
    expect(() => parseOptions(args, {})).toThrow(TypeError);
  });

  it('asks for help', () => {
    expect(parseOptions(['--help'], {})).toBe('help');
  });
});
