/** A server of large results: on its standard streams, or over HTTP, where it says its URL first. */
import { largeServer } from './large-server.ts';

const [, , transport, file = ''] = process.argv;
const strom = await largeServer(file);

if (transport === 'stdio') await strom.run({ transport });
else {
  const { url } = await strom.run({ transport: 'sse', port: 0 });
  process.stdout.write(`${url}\n`);
}
