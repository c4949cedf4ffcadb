import type { Channel, ClientChannel } from 'ssh2';
import { SocketLike } from './socket-like.ts';

const maxStderrBytes = 8 * 1024;

interface ChannelOwner {
  /** The failure of the whole connection, once there is one. */
  lost: () => Error | undefined;
  /** Names the program in its failure; for exec channels only. */
  program?: string;
}

/** A program on the server ended with an error; `stderr` is its last 8 KiB. */
export class ExecFailure extends Error {
  override readonly name = 'ExecFailure';
  /** Undefined where a signal ended it, or the server did not say. */
  readonly exitCode: number | undefined;
  readonly stderr: string;

  constructor(program: string, { exitCode, stderr }: { exitCode: number | undefined; stderr: string }) {
    super(`${program} ended with ${exitCode === undefined ? 'a signal' : `exit code ${exitCode}`}: ${stderr.trim()}`);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/**
 * An ssh2 channel as a well-behaved Duplex that node:http takes for a socket. ssh2's own channels have no error on
 * loss, forget the callback of a write after close, and never finish `destroy`.
 * The stream of a program ends after its exit: an exit code other than 0 is an `ExecFailure`.
 */
export class ChannelStream extends SocketLike {
  readonly #channel: Channel;
  readonly #owner: ChannelOwner;
  #exitCode: number | undefined;
  #stderr = '';

  constructor(channel: Channel | ClientChannel, owner: ChannelOwner) {
    super({ highWaterMark: 256 * 1024 });
    this.#channel = channel;
    this.#owner = owner;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => {
      if (owner.program === undefined) this.push(null);
    });
    channel.on('exit', (code: number | null) => {
      this.#exitCode = code ?? undefined;
    });
    channel.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString('utf8')).slice(-maxStderrBytes);
    });
    channel.on('error', (error: Error) => this.destroy(owner.lost() ?? error));
    channel.on('close', () => this.#onClose());
  }

  #onClose(): void {
    const { program, lost } = this.#owner;
    const failure = lost() ?? (program !== undefined && this.#exitCode !== 0 ? this.#execFailure(program) : undefined);
    if (failure) return void this.destroy(failure);
    if (!this.readableEnded) this.push(null);
    if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  #execFailure(program: string): ExecFailure {
    return new ExecFailure(program, { exitCode: this.#exitCode, stderr: this.#stderr });
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#channel.write(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#channel.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#channel.destroy();
    this.#channel.resume(); // what still comes is dropped, so that the channel can close
    done(error);
  }
}
