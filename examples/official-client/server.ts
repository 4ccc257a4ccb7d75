/** A server like any other; see the client. */
import '../progress/server.ts';
