import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  ExpectedError,
  experimentStatus,
  parseHostName,
  parseReleaseNumber,
  parseSettingsFile,
  reviewAddress,
  reviewDeploy,
  reviewRollback,
  type Settings,
} from '../../core/index.ts';
import { excludes, exclusive, flagsOf, needs } from '../flags.ts';
import { type RunOptions, runReview, withGuardOptions } from '../run-review.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

interface DeployOptions extends RunOptions {
  image?: string;
  release?: string;
  config?: string;
  address?: string;
  addColumns?: boolean;
}

export function registerDeployCommands(program: Command, run: Run): void {
  withGuardOptions(program.command('deploy <experiment>'))
    .description('run an image as this study: tried beside the running one first, proven from outside after')
    .option('--image <reference>', 'the image, for example registry.example.edu/lab/my-exp:v2')
    .addOption(
      exclusive('--release <number>', 'an earlier release as it was, v3; not with --image and what is below', [
        'image',
        'config',
        'addColumns',
        'address',
      ]),
    )
    .option('--config <file>', 'settings as in oforest.yml; what it leaves out stays as it was')
    .option('--add-columns', 'add what the data lacks, after a backup; earlier rows stay empty there')
    .option('--address <host>', 'the host of a new study, where the server lends out fixed ones')
    .action((name: string, options: DeployOptions) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const needs = { swarm: server.swarm, registry: server.registry, signal: context.signal };
          if (options.release !== undefined) {
            const to = readReleaseNumber(options.release);
            return await runReview(() => reviewRollback({ ...study, to }, needs), options, server, context);
          }
          const image = options.image ?? missingImage(name);
          const settings = await readSettings(options.config, name);
          const address = options.address === undefined ? undefined : parseHostName(options.address);
          const look = () =>
            reviewDeploy({ ...study, image, settings, address, addColumns: options.addColumns }, needs);
          return await runReview(look, options, server, context);
        }),
      ),
    );

  withGuardOptions(program.command('rollback <experiment>'))
    .description('run an earlier release again, as a new release; needs neither the registry nor GitLab')
    .option('--to <release>', 'which one; default: the newest before this one that served another image')
    .action((name: string, options: RunOptions & { to?: string }) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const to = options.to === undefined ? undefined : readReleaseNumber(options.to);
          await runReview(() => reviewRollback({ ...study, to }, server), options, server, context);
        }),
      ),
    );

  const address = withGuardOptions(program.command('address <experiment> [host]'));
  needs(address, flagsOf(address), ['host', '--default']);
  excludes(address, 'host', '--default');
  address
    .description('show the address of a study, or give it another host; the other flags go with HOST or --default')
    .option('--default', 'back to the host made from its name; not with a host')
    .action((name: string, host: string | undefined, options: RunOptions & { default?: boolean }) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const wanted = host === undefined ? undefined : parseHostName(host);
          if (wanted === undefined && !options.default) {
            const { url, stack } = await experimentStatus(study.stack, server);
            context.output.answer({ json: { stack, url }, text: url, rows: [[stack, url]] });
            return;
          }
          await runReview(() => reviewAddress({ ...study, host: wanted }, server), options, server, context);
        }),
      ),
    );
}

function missingImage(name: string): never {
  throw new ExpectedError('usage-wrong', `deploying ${name}`, {
    why: 'It is not said what to deploy.',
    now: 'Nothing was changed.',
    hint: `Name an image: \`oforest deploy ${name} --image registry.example.edu/lab/${name}:latest\`.`,
  });
}

function readReleaseNumber(text: string): number {
  const number = parseReleaseNumber(text);
  if (number !== undefined) return number;
  throw new ExpectedError('usage-wrong', `reading the release ${JSON.stringify(text)}`, {
    why: 'Releases are numbered: v1, v2 …',
    now: 'Nothing was changed.',
    hint: 'Run `oforest releases EXP` to see them.',
  });
}

async function readSettings(file: string | undefined, experiment: string): Promise<Partial<Settings>> {
  if (file === undefined) return {};
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ExpectedError('file-unreadable', `reading ${file}`, {
      why: cause.message,
      now: 'Nothing was changed.',
      hint: 'Check the path after --config.',
      cause,
    });
  });
  const { name, ...settings } = parseSettingsFile(text, file);
  if (name === undefined || name === experiment) return settings;
  throw new ExpectedError('config-invalid', `deploying ${experiment} with ${file}`, {
    why: `The file is for the experiment ${name}.`,
    now: 'Nothing was changed.',
    hint: `Deploy ${name}, or correct \`name\` in the file.`,
  });
}
