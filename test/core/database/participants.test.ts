import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenPages, ParticipantCounts } from '../../../src/core/database/participants.ts';
import { openPagesScript } from '../../../src/core/database/scripts/participants-script.ts';
import { nobody } from '../../support/builders.ts';

const run = promisify(execFile);
const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const rest = '00000000:00000000 00:00000000 00000000     0        0 4288305 1 000000004dc202c4 20 4 31 11 -1';
/** As of a connection over which nothing came in yet. */
const unused = '00000000:00000000 00:00000000 00000000     0        0 8045350 1 000000004dc202c4 20 0 0 10 -1';

describe('the connections to oTree, from the table that the kernel keeps', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oforest-open-pages-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** Runs the script where `cat` shows this table, whatever file it is asked for. */
  async function connections(lines: readonly string[], port = 8000): Promise<readonly string[]> {
    const table = [
      header,
      ...lines.map((line, index) => `   ${index}: ${line.includes(unused) ? line : `${line} ${rest}`}`),
      '',
    ].join('\n');
    await writeFile(join(folder, 'table'), table);
    await writeFile(
      join(folder, 'cat'),
      `#!/bin/sh\nif [ "$1" = /proc/net/tcp ]; then exec /bin/cat ${join(folder, 'table')}; fi\n`,
      { mode: 0o755 },
    );
    const [program = '', ...words] = openPagesScript(port);
    const { stdout } = await run(program, words, { env: { PATH: `${folder}:${process.env.PATH ?? ''}` } });
    return OpenPages.parse(JSON.parse(stdout.replace(/^oforest-result /, ''))).connections;
  }

  it('names each established connection to the port once, and none that listens or has ended', async () => {
    const found = await connections([
      '00000000:1F40 00000000:0000 0A',
      '020011AC:1F40 010011AC:957E 01',
      '020011AC:1F40 010011AC:957F 01',
      '020011AC:1F40 010011AC:9580 06',
      '020011AC:1F40 010011AC:9581 08',
    ]);
    expect(found).toEqual(['010011AC:957E', '010011AC:957F']);
  });

  it('leaves out a connection that nothing ever came over: Traefik opened it and did not need it', async () => {
    const found = await connections(['020011AC:1F40 010011AC:957E 01', `020011AC:1F40 010011AC:957F 01 ${unused}`]);
    expect(found).toEqual(['010011AC:957E']);
  });

  it('leaves out connections from the container itself: the health check and the time-out process', async () => {
    const found = await connections([
      '0100007F:1F40 0100007F:D1A2 01',
      '0100007F:1F40 0200007F:D1A3 01',
      '0000000000000000FFFF00000100007F:1F40 0000000000000000FFFF00000100007F:D1A4 01',
      '00000000000000000000000001000000:1F40 00000000000000000000000001000000:D1A5 01',
    ]);
    expect(found).toEqual([]);
  });

  it('leaves out connections that oTree itself opens, to its database', async () => {
    expect(await connections(['020011AC:D1A2 030011AC:1538 01', '020011AC:D1A3 030011AC:1F40 01'])).toEqual([]);
  });

  it('reads the addresses of an oTree that listens on IPv6', async () => {
    const remote = '0000000000000000FFFF0000010011AC:957E';
    expect(await connections([`0000000000000000FFFF0000020011AC:1F40 ${remote} 01`])).toEqual([remote]);
  });

  it('looks at the port it is given', async () => {
    const lines = ['020011AC:1F40 010011AC:957E 01', '020011AC:0050 010011AC:957F 01'];
    expect(await connections(lines, 80)).toEqual(['010011AC:957F']);
  });
});

describe('what the database may answer', () => {
  const counts = {
    ...nobody,
    now: 1_795_264_640,
    tables: true,
    onPage: 3,
    newestMoveSeconds: 4,
    longestTimeoutSeconds: null,
  };

  it('is numbers, and nothing that could be a label or a code', () => {
    expect(ParticipantCounts.parse({ ...counts, label: 'Ada' })).toEqual(counts);
    expect(ParticipantCounts.safeParse({ ...counts, onPage: 'Ada' }).success).toBe(false);
  });

  it('is complete: a missing number is not a zero', () => {
    const { waiting, ...incomplete } = counts;
    expect(ParticipantCounts.safeParse(incomplete).success).toBe(false);
    expect(waiting).toBe(0);
  });
});
