import type { Duplex } from 'node:stream';
import { SocketLike } from '../ssh/socket-like.ts';

/**
 * A socket for node:http that dials by itself. The Agent counts the sockets that it has, not those that are on their
 * way, so it must get one at once or it opens one for every waiting request.
 */
export class EngineSocket extends SocketLike {
  readonly #dial: (options: { signal: AbortSignal }) => Promise<Duplex>;
  readonly #dialing = new AbortController();
  #way: Duplex | undefined;

  constructor(dial: (options: { signal: AbortSignal }) => Promise<Duplex>) {
    super({ allowHalfOpen: false });
    this.#dial = dial;
  }

  override _construct(done: (error?: Error | null) => void): void {
    const { signal } = this.#dialing;
    this.#dial({ signal }).then(
      (way) => {
        this.#attach(way);
        done();
      },
      // That dialing was given up is no failure to anybody who gave it up, and often nobody listens any more.
      (error) => done(signal.aborted ? null : error),
    );
  }

  #attach(way: Duplex): void {
    this.#way = way;
    way.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) way.pause();
    });
    way.on('end', () => this.push(null));
    way.on('error', (error) => this.destroy(error));
    way.on('close', () => {
      this.push(null);
      if (this.readableEnded) this.destroy();
      else this.once('end', () => this.destroy()); // what has come is still to be read
    });
  }

  override _read(): void {
    this.#way?.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#way?.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#way?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#way?.end();
    done();
  }

  /** Ends the dialing as well: a stream is only destroyed for good once it is constructed. */
  override destroy(error?: Error): this {
    this.#dialing.abort();
    return super.destroy(error);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#way?.destroy();
    done(error);
  }
}
