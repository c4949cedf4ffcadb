import * as z from 'zod';
import {
  type ExperimentStatus,
  type ExperimentSummary,
  type ParticipantLink,
  type ReleaseSummary,
  releaseFits,
  releaseStates,
  studyStates,
  toldByTasks,
} from '../../core/index.ts';
import { answer, type Json, operationId, people, release, serverName, stack, time, url } from './schema-parts.ts';

export const list = answer('list', 'list', {
  server: serverName,
  experiments: z.array(
    z.strictObject({
      experiment: z.string(),
      environment: z.string(),
      stack,
      state: z
        .enum(studyStates)
        .exclude(toldByTasks)
        .describe('Starting and failing are told by status alone: here such a study is running.'),
      people: people.optional().describe('With --people.'),
      release: z.int().nonnegative(),
      url,
      image: z.string().describe('As it was given.'),
      owner: z.string(),
      changedAt: time,
    }) satisfies z.ZodType<Json<ExperimentSummary>>,
  ),
});

export const noServers = answer('no-servers', 'oforest without a command, while no server is configured', {
  servers: z.array(z.never()).length(0),
});

const statusFields = {
  stack,
  state: z.enum(studyStates).describe('going-back: Swarm takes an update back that failed.'),
  until: time.optional().describe('Until when a deleted study can be brought back.'),
  people: people.optional().describe('Not there for a study that does not run.'),
  release: release.optional().describe('The one that serves, or served last; absent before the first.'),
  url,
  image: z.string().describe('As it was given.'),
  parts: z.array(
    z.strictObject({
      part: z.enum(['web', 'db']),
      service: z.string(),
      task: z.string().describe("Swarm's own word for the state of its newest task; none without one."),
      taskId: z.string(),
      since: z.string(),
      error: z.string().describe('What Swarm says went wrong; empty when nothing did.'),
      node: z.string(),
    }),
  ),
  variables: z.array(z.string()).describe('Names.'),
  secrets: z.array(z.string()).describe('Names.'),
  operation: z
    .strictObject({ id: operationId, verb: z.string(), actor: z.string(), since: time })
    .optional()
    .describe('The one that runs now.'),
  lastOperation: z
    .strictObject({
      id: operationId,
      verb: z.string(),
      state: z.enum(['accepted', 'running', 'succeeded', 'failed', 'interrupted']),
      at: time,
    })
    .optional(),
};
z.strictObject(statusFields) satisfies z.ZodType<Json<ExperimentStatus>>;
export const status = answer('status', 'status', statusFields);

export const releases = answer('releases', 'releases: newest first', {
  stack,
  releases: z.array(
    z.strictObject({
      release,
      state: z.enum(releaseStates),
      fits: z
        .enum(releaseFits)
        .optional()
        .describe(
          'Its tables and pages beside those of the one that serves; not there where they were never compared.',
        ),
      serving: z.boolean(),
      image: z.string().describe('As it was given.'),
      digest: z.string(),
      otree: z.string().describe('The version of oTree that its trial saw; empty before.'),
      source: release.optional().describe('The release that a rollback took it from.'),
      author: z.string(),
      createdAt: time,
    }) satisfies z.ZodType<Json<ReleaseSummary>>,
  ),
});

export const links = answer('links', 'links', {
  stack,
  links: z.array(
    z.strictObject({
      kind: z.enum(['room', 'session']),
      name: z.string(),
      url: z.string(),
      tried: z.enum(['answers', 'does not answer', 'not tried']),
    }) satisfies z.ZodType<Json<ParticipantLink>>,
  ),
});

export const address = answer('address', 'open, and address without a host', { stack, url });
export const admin = answer('admin', 'admin', { stack, url, user: z.string(), password: z.string() });
export const variables = answer('variables', 'variable list', { stack, variables: z.record(z.string(), z.string()) });
export const secrets = answer('secrets', 'secret list: names only', { stack, secrets: z.array(z.string()) });
