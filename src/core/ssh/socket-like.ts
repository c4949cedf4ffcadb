import { Duplex } from 'node:stream';

/** A stream that node:http takes for a socket: what it asks of one besides is done elsewhere, or means nothing here. */
export abstract class SocketLike extends Duplex {
  destroySoon(): void {
    this.end(() => this.destroy());
  }
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}
