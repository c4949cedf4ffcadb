import { expect } from 'vitest';
import { type CaseGroup, expectRefusal } from './case.ts';

export const imageCases: CaseGroup = {
  subject: 'images of registries',
  cases: [
    {
      name: 'tells the digest and the platforms of an image',
      async run({ get, image }) {
        const [reference = '', digest] = image.split('@');
        const { status, json } = await get(`/distribution/${reference}/json`);
        expect({ status, json }).toEqual({
          status: 200,
          json: {
            Descriptor: {
              mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
              digest,
              size: expect.any(Number),
            },
            Platforms: [{ architecture: expect.stringMatching(/^(amd64|arm64)$/), os: 'linux' }],
          },
        });
      },
    },
    {
      name: 'does not find an image that its registry does not have',
      async run({ get, missingImage }) {
        expectRefusal(await get(`/distribution/${missingImage}/json`), 404, 'manifest unknown: manifest unknown');
      },
    },
    {
      name: 'says that a registry cannot be reached',
      async run({ get }) {
        expectRefusal(
          await get('/distribution/127.0.0.1:1/image/json'),
          500,
          'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
        );
      },
    },
    {
      name: 'refuses a name that is no reference',
      async run({ get }) {
        expectRefusal(
          await get('/distribution/A%20b/json'),
          400,
          'invalid reference format: repository name must be lowercase',
        );
      },
    },
  ],
};
