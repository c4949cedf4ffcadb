import { expect, it } from 'vitest';
import { manifestOf } from '../../../src/sandbox/images/image.ts';
import { sampleImages } from '../../../src/sandbox/images/sample-images.ts';
import { studyFaults } from '../../../src/sandbox/programs/otree-study.ts';
import { aBrowser, aStack } from '../programs/a-study.ts';

const named = (repository: string, tag: string) =>
  sampleImages.find((image) => image.repository === repository && image.tag === tag)!;

it('has a digest of its own for each image', () => {
  const digests = sampleImages.map((image) => manifestOf(image).digest);
  expect(new Set(digests).size).toBe(digests.length);
});

it('has an image for each thing that can be wrong with one', () => {
  const broken = sampleImages.filter(({ repository }) => repository === 'samples/broken');
  expect(broken.map(({ tag }) => tag)).toEqual(studyFaults);
  expect(named('samples/trust-game', 'arm64').platform).toEqual({ os: 'linux', architecture: 'arm64' });
});

it.each(sampleImages.filter(({ repository, tag }) => repository.startsWith('samples/') && tag.startsWith('v')))(
  '$repository:$tag is a study that can be gone through, and says which version it is',
  async ({ program, tag }) => {
    const { start, timeline, cluster } = aStack();
    const container = start(undefined, { program });
    timeline.advance(1_000);
    const browser = aBrowser(container);
    await browser.logIn();
    const config = /href="\/demo\/(\w+)"/.exec((await browser.open('/demo')).body)?.[1];
    await browser.submit(`/demo/${config}`, {});
    const [participant] = cluster.find('otree').table('otree_participant').rows;
    let path = await browser.follow(`/InitializeParticipant/${participant?.code}`);
    expect((await browser.open(path)).body).toContain(`This is ${tag}`);
    for (let page = 1; page <= Number(participant?._max_page_index); page += 1)
      path = (await browser.open(path, { form: {} })).headers.location ?? '';
    expect(path).toBe(`/OutOfRangeNotification/${participant?.code}`);
  },
);
