import { publicError, type StromError } from './strom-error.ts';

/** Why a server that leaves begins nothing any more, and ends what runs. */
export function shuttingDown(): StromError {
  return publicError('ERR_SHUTTING_DOWN', 'The server is shutting down.');
}
