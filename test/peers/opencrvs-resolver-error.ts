/** An error of a resolver of the gateway, with the code and the HTTP status that the server gives it. */
export class ResolverError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(message: string, code = 'INTERNAL_SERVER_ERROR', status = 200) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
