import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { MediatorError, toMediatorError } from '../errors/index.js';
import type { OutboundRequest, OutboundResponse, ResponseHead, StreamedResponse } from './client.js';
import { decoded, isEncoded } from './content-encoding.js';
import { brokenAnswer, cancelled, noAnswer, tooLate } from './failure.js';
import type { CallOptions } from './transport.js';

interface Outcome {
  resolve(response: OutboundResponse | StreamedResponse): void;
  reject(error: MediatorError): void;
}

/** One call on undici's lowest level, which makes no stream where none is asked for. */
export class UndiciCall implements Dispatcher.DispatchHandler {
  readonly #request: OutboundRequest;
  readonly #options: CallOptions;
  readonly #isStreamed: (head: ResponseHead) => boolean;
  readonly #outcome: Outcome;
  readonly #deadline: NodeJS.Timeout;
  readonly #cancel = (): void => this.#fail(cancelled());
  #controller: Dispatcher.DispatchController | undefined;
  #head: ResponseHead | undefined;
  #stream: Readable | undefined;
  readonly #chunks: Buffer[] = [];
  #size = 0;
  #failure: MediatorError | undefined;

  constructor(
    request: OutboundRequest,
    options: CallOptions,
    isStreamed: (head: ResponseHead) => boolean,
    outcome: Outcome,
  ) {
    this.#request = request;
    this.#options = options;
    this.#isStreamed = isStreamed;
    this.#outcome = outcome;
    this.#deadline = setTimeout(() => this.#fail(tooLate()), options.timeoutMs);
    if (request.signal?.aborted === true) this.#cancel();
    else request.signal?.addEventListener('abort', this.#cancel);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It ended while it waited for a connection: nothing is sent.
    if (this.#failure !== undefined) controller.abort(this.#failure);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: ResponseHead['headers']): void {
    if (status < 200) return;
    this.#head = { status, headers };
    if (!isEncoded(headers) && this.#isStreamed(this.#head)) {
      this.#stream = this.#openStream();
      this.#outcome.resolve({ status, headers, body: this.#stream });
    } else if (this.#request.method !== 'HEAD') {
      this.#checkSize(Number(headers['content-length'] ?? 0));
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream !== undefined) {
      if (!this.#stream.push(chunk)) controller.pause();
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    this.#checkSize(this.#size);
  }

  onResponseEnd(): void {
    this.#release();
    if (this.#stream !== undefined) this.#stream.push(null);
    else if (this.#head !== undefined && this.#failure === undefined) this.#deliver(this.#head);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#head === undefined ? noAnswer((error as { code?: unknown }).code) : brokenAnswer());
  }

  #checkSize(bytes: number): void {
    if (bytes > this.#options.maxResponseBytes) this.#fail(new MediatorError('peer_response_too_large'));
  }

  #openStream(): Readable {
    return new Readable({
      read: () => this.#controller?.resume(),
      destroy: (error, done) => {
        // Also by whoever reads it: without this the peer would go on sending.
        if (error === null && this.#stream?.readableEnded !== true) this.#fail(cancelled());
        else if (error !== null) this.#fail(toMediatorError(error));
        done(error);
      },
    });
  }

  #deliver({ status, headers }: ResponseHead): void {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#size);
    const response = { status, headers, body };
    if (isEncoded(headers) && this.#size > 0) {
      decoded(response, this.#options.maxResponseBytes).then(this.#outcome.resolve, this.#outcome.reject);
    } else {
      this.#outcome.resolve(response);
    }
  }

  #fail(error: MediatorError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#release();
    this.#controller?.abort(error);
    if (this.#stream === undefined) this.#outcome.reject(error);
    else this.#stream.destroy(error);
  }

  #release(): void {
    clearTimeout(this.#deadline);
    this.#request.signal?.removeEventListener('abort', this.#cancel);
  }
}
