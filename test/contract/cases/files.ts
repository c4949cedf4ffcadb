import { expect } from 'vitest';
import { readTar, writeTar } from '../../../src/sandbox/volumes/tar.ts';
import type { Bench } from '../bench.ts';
import type { Answer } from '../http-client.ts';
import { type Mounted, withVolume } from '../volumes.ts';
import { type CaseGroup, expectRefusal } from './case.ts';

const modifiedAt = Date.UTC(2026, 10, 21, 12);
const word = { name: 'word.bin', bytes: Buffer.from([0x68, 0x00, 0xff, 0x0a]), modifiedAt, mode: 0o600 };

const address = ({ containerId }: Mounted, path: string) =>
  `/v1.41/containers/${containerId}/archive?path=${encodeURIComponent(path)}`;
const put = (bench: Bench, to: Mounted, path: string, body: Buffer) =>
  bench.request('PUT', address(to, path), { body });
const get = (bench: Bench, from: Mounted, path: string) => bench.request('GET', address(from, path));
const stat = ({ headers }: Answer) =>
  JSON.parse(Buffer.from(String(headers['x-docker-container-path-stat']), 'base64').toString());

export const fileCases: CaseGroup = {
  subject: 'files in containers',
  cases: [
    {
      name: 'takes a file as a tar archive, and gives it back byte by byte',
      async run(bench) {
        await withVolume(bench, async (mounted) => {
          const { status, text } = await put(bench, mounted, '/store', await writeTar([word]));
          expect({ status, text }).toEqual({ status: 200, text: '' });
          const answer = await get(bench, mounted, '/store/word.bin');
          expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-tar' } });
          expect([...readTar(answer.bytes)]).toEqual([{ ...word, isFolder: false }]);
          const mtime = '2026-11-21T12:00:00Z';
          const facts = { name: 'word.bin', size: 4, mode: 0o600, mtime, linkTarget: '' };
          expect(stat(answer)).toEqual(facts);
          const head = await bench.request('HEAD', address(mounted, '/store/word.bin'));
          expect([head.status, stat(head), head.text]).toEqual([200, facts, '']);
        });
      },
    },
    {
      name: 'gives a folder with what is in it',
      async run(bench) {
        await withVolume(bench, async (mounted) => {
          await put(bench, mounted, '/store', await writeTar([word, { ...word, name: 'a.bin' }]));
          const answer = await get(bench, mounted, '/store');
          expect([...readTar(answer.bytes)].map(({ name }) => name)).toEqual([
            'store/',
            'store/a.bin',
            'store/word.bin',
          ]);
          expect(stat(answer)).toMatchObject({ name: 'store', size: 4096, mode: 0x8000_0000 + 0o755 });
        });
      },
    },
    {
      name: 'says what is not there and what is no folder',
      async run(bench) {
        await withVolume(bench, async (mounted) => {
          const missing = (path: string) => `Could not find the file ${path} in container ${mounted.containerId}`;
          expectRefusal(await get(bench, mounted, '/store/none'), 404, missing('/store/none'));
          expect((await bench.request('HEAD', address(mounted, '/store/none'))).status).toBe(404);
          const archive = await writeTar([word]);
          expectRefusal(await put(bench, mounted, '/store/none', archive), 404, missing('/store/none'));
          await put(bench, mounted, '/store', archive);
          const into = await put(bench, mounted, '/store/word.bin', archive);
          expectRefusal(into, 500, 'extraction point is not a directory');
          const nowhere = { ...mounted, containerId: 'none-such' };
          expectRefusal(await get(bench, nowhere, '/store'), 404, 'No such container: none-such');
          expectRefusal(await get(bench, mounted, ''), 400, 'bad parameter: pathcannot be empty');
        });
      },
    },
    {
      name: 'unpacks an archive as far as it goes, and says what is wrong with it',
      async run(bench) {
        await withVolume(bench, async (mounted) => {
          const why = (text: string) => `Error processing tar file(exit status 1): ${text}`;
          const junk = await put(bench, mounted, '/store', Buffer.alloc(700, 'x'));
          expectRefusal(junk, 500, why('archive/tar: invalid tar header'));
          expectRefusal(await put(bench, mounted, '/store', Buffer.from('short')), 500, why('unexpected EOF'));
          const whole = await writeTar([{ ...word, bytes: Buffer.alloc(3_000, 'y') }]);
          const cut = whole.subarray(0, 2_000);
          expectRefusal(await put(bench, mounted, '/store', cut), 500, why('unexpected EOF'));
          const [file] = readTar((await get(bench, mounted, '/store/word.bin')).bytes);
          expect(file?.bytes.length).toBe(1_488);
          expect(await put(bench, mounted, '/store', Buffer.alloc(1_024))).toMatchObject({ status: 200, text: '' });
        });
      },
    },
  ],
};
