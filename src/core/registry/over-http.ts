import * as z from 'zod';
import type { ExpectedError } from '../errors.ts';
import { withinTime } from '../ssh/within-time.ts';
import type { ImagePlatform, RegistryGateway, ResolvedImage } from './gateway.ts';
import type { Answer, Dial } from './http-exchange.ts';
import { digestOf, manifestTypes, parseImageConfig, parseManifest } from './manifest.ts';
import { nearestTags } from './nearest-tags.ts';
import {
  noSuchManifest,
  noSuchRepository,
  notAnImage,
  notFound,
  type Subject,
  unreachable,
  untrustworthy,
} from './registry-errors.ts';
import { type Login, parseJson, RegistrySession } from './registry-session.ts';

export type { Dial } from './http-exchange.ts';

interface RegistryNeeds {
  dial: Dial;
  /** The login of the config, by the registry's name in references: `docker.io`, `registry.example.edu:5050`. */
  credentials: (registry: string) => Login | undefined;
  /** For one `resolve` as a whole. */
  timeoutMs?: number;
}

/** Image registries, asked over the OCI distribution API. Plain HTTP on loopback alone; HTTPS elsewhere. */
export function registryOverHttp({ dial, credentials, timeoutMs = 20_000 }: RegistryNeeds): RegistryGateway {
  return {
    resolve(reference, { signal }) {
      const login = credentials(reference.registry);
      const subject = { reference, hasLogin: login !== undefined };
      const onTimeout = () =>
        unreachable(subject, {
          why: `${reference.registry} did not answer within ${Math.ceil(timeoutMs / 1000)} seconds.`,
        });
      return withinTime({ what: `asking ${reference.registry}`, timeoutMs, signal, onTimeout }, (ending) =>
        resolveImage(new RegistrySession({ dial, subject, signal: ending, login }), subject),
      );
    },
  };
}

async function resolveImage(session: RegistrySession, subject: Subject): Promise<ResolvedImage> {
  const { reference } = subject;
  const answer = await session.get(`manifests/${reference.digest ?? reference.tag ?? 'latest'}`, {
    accept: manifestTypes,
  });
  if (answer.status === 404) throw await notFoundBecause(answer, { session, subject });
  const digest = verifiedDigest(answer, subject);
  const manifest = parseManifest(parseJson(answer.body));
  if (!manifest) throw notAnImage(subject);
  const platforms =
    'platforms' in manifest ? manifest.platforms : [await fetchPlatform(manifest.configDigest, { session, subject })];
  return { reference: { ...reference, digest }, platforms };
}

/** The digest of what was sent: the registry's word for it is compared, not taken. */
function verifiedDigest({ headers, body }: Answer, subject: Subject): string {
  const { reference } = subject;
  const digest = digestOf(body);
  const claimed = headers['docker-content-digest'];
  if (reference.digest !== undefined && reference.digest !== digest)
    throw untrustworthy(subject, `${reference.registry} sends something else than the image with that digest.`);
  if (typeof claimed === 'string' && claimed.startsWith('sha256:') && claimed !== digest)
    throw untrustworthy(subject, `${reference.registry} sends an image that does not match its own digest.`);
  return digest;
}

async function fetchPlatform(
  digest: string,
  { session, subject }: { session: RegistrySession; subject: Subject },
): Promise<ImagePlatform> {
  const { registry } = subject.reference;
  const { status, body } = await session.get(`blobs/${digest}`, { accept: '*/*' });
  if (status === 404) throw untrustworthy(subject, `${registry} has the image, but has lost its config.`);
  if (digestOf(body) !== digest)
    throw untrustworthy(subject, `${registry} sends a config that does not match its digest.`);
  const platform = parseImageConfig(parseJson(body));
  if (!platform) throw notAnImage(subject);
  return platform;
}

/** Registries differ in which code they send for a missing repository; the list of its tags tells. */
async function notFoundBecause(
  answer: Answer,
  { session, subject }: { session: RegistrySession; subject: Subject },
): Promise<ExpectedError> {
  const codes = errorCodesOf(answer);
  if (codes.includes('NAME_UNKNOWN')) return noSuchRepository(subject);
  if (!codes.includes('MANIFEST_UNKNOWN')) return notFound(subject);
  const { tag, digest } = subject.reference;
  const list = await session.get('tags/list?n=1000', { accept: 'application/json' }).catch(() => undefined);
  if (list && errorCodesOf(list).includes('NAME_UNKNOWN')) return noSuchRepository(subject);
  const { data: tags } = list?.status === 200 ? TagList.safeParse(parseJson(list.body)) : {};
  return noSuchManifest(subject, digest === undefined && tags ? nearestTags(tags, tag ?? 'latest') : undefined);
}

const Errors = z.object({ errors: z.array(z.object({ code: z.string() })) });

function errorCodesOf({ status, body }: Answer): readonly string[] {
  return status === 404 ? (Errors.safeParse(parseJson(body)).data?.errors.map(({ code }) => code) ?? []) : [];
}

/** `null` when the last tag was deleted. */
const TagList = z
  .object({ tags: z.array(z.string()).nullable() })
  .transform(({ tags }) => (tags ?? []).filter((tag) => /^\w[\w.-]{0,127}$/.test(tag)));
