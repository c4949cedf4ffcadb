import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { askHidden, createPassphrases } from '../../src/cli/passphrases.ts';

describe('passphrases', () => {
  it('are not asked for without a terminal', async () => {
    const passphrases = createPassphrases({ canAsk: false });

    expect(await passphrases.ask('/home/ada/.ssh/id_ed25519')).toBeUndefined();
  });

  it('that are known are given once: a wrong one is not tried for ever', async () => {
    const passphrases = createPassphrases({ canAsk: false, known: { '/key': 'open sesame' } });

    expect((await passphrases.ask('/key'))?.reveal()).toBe('open sesame');
    expect(await passphrases.ask('/key')).toBeUndefined();
    expect(await passphrases.ask('/another-key')).toBeUndefined();
  });

  it('are not seen when they are printed', async () => {
    const passphrase = await createPassphrases({ canAsk: false, known: { '/key': 'open sesame' } }).ask('/key');

    expect(`${passphrase} ${JSON.stringify({ passphrase })}`).toBe('[secret] {"passphrase":"[secret]"}');
  });

  it('are handed to the runner as they were learned', () => {
    const first = createPassphrases({ canAsk: false, known: { '/key': 'open "sesame"' } });
    const second = createPassphrases({ canAsk: false, known: JSON.parse(first.forRunner()) });

    expect(JSON.parse(second.forRunner())).toEqual({ '/key': 'open "sesame"' });
  });

  it('are asked for in another way, once for all connections, and again when they do not unlock the key', async () => {
    const prompts: string[] = [];
    const passphrases = createPassphrases({ canAsk: false });
    const connect = () =>
      passphrases.askBy(async (file, isAgain) => {
        prompts.push(isAgain ? `${file} again` : file);
        return 'open sesame';
      });

    expect((await connect()('/key'))?.reveal()).toBe('open sesame');
    const second = connect();
    expect((await second('/key'))?.reveal()).toBe('open sesame');
    expect(prompts).toEqual(['/key']);
    await second('/key');
    expect(prompts).toEqual(['/key', '/key again']);
    expect(JSON.parse(passphrases.forRunner())).toEqual({ '/key': 'open sesame' });
  });
});

describe('what is typed without being shown', () => {
  const typed = (keys: string) => {
    const input = new PassThrough();
    const answer = askHidden('', { input });
    input.write(keys);
    return answer;
  };

  it('is the line', async () => {
    expect(await typed('open sesame\r')).toBe('open sesame');
  });

  it('is nothing after Ctrl-C or Ctrl-D', async () => {
    expect(await typed('open\u0003')).toBeUndefined();
    expect(await typed('\u0004')).toBeUndefined();
  });
});
