/** The two functions we use of openhim-mediator-utils 0.4.0, which brings no types (openhim.md 9.1). */
declare module 'openhim-mediator-utils' {
  interface Options {
    readonly apiURL: string;
    readonly username: string;
    readonly password: string;
    /** Encoded for use in an address. */
    readonly urn: string;
  }

  const utils: {
    registerMediator(options: Options, mediatorConfig: unknown, callback: (error?: unknown) => void): void;
    fetchConfig(options: Options, callback: (error: unknown, config?: unknown) => void): void;
  };
  export = utils;
}
