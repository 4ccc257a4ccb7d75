/** Asks the same of the server as the client of the Express example. */
import '../express/client.ts';
