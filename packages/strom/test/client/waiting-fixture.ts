/** A program that calls a tool and has nothing else to do; prints the text of the result. */
import { connect } from '../../src/entry/client.ts';

const [url = '', era] = process.argv.slice(2);
const client = await connect(url, era === 'session' ? { era } : {});
const { content } = await client.call('any');
process.stdout.write(`${JSON.stringify(content)}\n`);
await client.close();
