import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { registerOtherCommands } from '../../../../src/cli/other-commands.ts';
import { createProgram } from '../../../../src/cli/program.ts';
import type { Asked, People } from '../../../../src/cli/tui/model/effects.ts';
import { sameAs } from '../../../../src/cli/tui/model/same-as.ts';
import { oforestOn } from '../../../../src/cli/tui/model/shown-server.ts';

const study = { experiment: 'trust-game', environment: 'production', stack: 'trust-game' };
const refuse: People = { kind: 'refuse' };

/** What the program understands of the command, after a shell has taken it apart. */
function understood(command: string) {
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);
  const program = createProgram('test', async () => {});
  registerOtherCommands(program, async () => {});
  program.parse(words.slice(1), { from: 'user' });
  const typed = program.commands.find((one) => one.processedArgs.length > 0);
  const { env, server } = program.opts();
  return {
    ...{ program: words[0], name: typed?.processedArgs[0], env, options: typed?.opts() },
    ...(server !== undefined && { server }),
  };
}

const plain: readonly Asked['verb'][] = ['start', 'stop', 'restart', 'backup', 'undo', 'undelete'];

describe('the command that is shown', () => {
  it.each(plain)('for %s is one that the program knows', (verb) => {
    expect(understood(sameAs({ verb, study } as Asked, { people: refuse, typedName: false }))).toEqual({
      program: 'oforest',
      name: 'trust-game',
      env: 'production',
      options: {},
    });
  });

  it.each(['reset', 'delete', 'purge'] as const)('for %s holds the name that was typed', (verb) => {
    const { options } = understood(sameAs({ verb, study }, { people: refuse, typedName: true }));

    expect(options).toEqual({ confirm: 'trust-game' });
  });

  it('names the environment', () => {
    const staging = { ...study, environment: 'staging', stack: 'trust-game-staging' };

    const { env, options } = understood(sameAs({ verb: 'reset', study: staging }, { people: refuse, typedName: true }));
    expect(env).toBe('staging');
    expect(options).toEqual({ confirm: 'trust-game-staging' });
  });

  it('names the server that is on the screen, where a bare command would go to another', () => {
    const asked: Asked = { verb: 'reset', study };
    const commandOn = (server: string, usualServer: string | undefined) =>
      sameAs(asked, { people: refuse, typedName: true, oforest: oforestOn({ server, usualServer }) });

    expect(commandOn('lab', 'lab')).toBe('oforest reset trust-game --confirm trust-game');
    expect(commandOn('sandbox', 'lab')).toBe('oforest --server sandbox reset trust-game --confirm trust-game');
    for (const server of ['sandbox', 'two words', '-x'])
      expect(understood(commandOn(server, undefined))).toMatchObject({ server, options: { confirm: 'trust-game' } });
  });

  it('for a deployment holds the image, and what was decided after it was refused', () => {
    const image = 'registry.test:5000/lab/trust-game:v4@sha256:abc';
    const asked: Asked = { verb: 'deploy', study, image, addColumns: true, ignoreOpenPages: true };

    expect(understood(sameAs(asked, { people: refuse, typedName: false })).options).toEqual({
      image,
      addColumns: true,
      ignoreOpenPages: true,
    });
  });

  it('for going back holds the release, for a restore the backup', () => {
    const back = sameAs({ verb: 'rollback', study, to: 12 }, { people: refuse, typedName: false });
    expect(understood(back).options).toEqual({ to: 'v12' });

    const restore = sameAs({ verb: 'restore', study, backup: '20261120-1402' }, { people: refuse, typedName: false });
    expect(understood(restore).options).toEqual({ backup: '20261120-1402' });
  });

  it('waits for people or for others as the person chose', () => {
    const asked: Asked = { verb: 'stop', study };

    expect(understood(sameAs(asked, { people: { kind: 'wait' }, typedName: false })).options).toEqual({
      afterSession: true,
    });
    expect(understood(sameAs(asked, { people: refuse, typedName: false, others: 'wait' })).options).toEqual({
      wait: true,
    });
  });

  it.each([
    'the server burns',
    'it\'s $HOME; rm -rf / `id` $(id) "now" \\ !x',
    '--yes',
    '-x',
    'umlaut: ä 公共 👩‍🔬',
    '*',
  ])('keeps the reason as it was typed: %s', (reason) => {
    const command = sameAs({ verb: 'stop', study }, { people: { kind: 'interrupt', reason }, typedName: false });

    expect(understood(command).options).toEqual({ interrupt: reason });
  });

  it('shows where a reason goes while none is typed', () => {
    const command = sameAs({ verb: 'stop', study }, { people: { kind: 'interrupt', reason: '' }, typedName: false });

    expect(command).toBe('oforest stop trust-game --interrupt REASON');
  });
});
