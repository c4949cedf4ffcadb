import type { Command } from 'commander';
import { ownSlots, randomText, readAdminAccess, reviewChange, Secret } from '../../core/index.ts';
import { confirm } from '../confirm.ts';
import { flagsOf, needs } from '../flags.ts';
import { type RunOptions, runReview, withGuardOptions } from '../run-review.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

const whatItBreaks =
  'A new admin password logs every admin out, makes room links with use_secure_urls invalid, and gives participants who come back without a label a new start.';

export function registerAdminCommand(program: Command, run: Run): void {
  const admin = withGuardOptions(program.command('admin <experiment>'));
  needs(admin, flagsOf(admin), ['--new-password']);
  admin
    .description("address, user and password of oTree's admin page; the other flags go with --new-password")
    .option('--new-password', 'make another password; says first what that breaks')
    .action((name: string, options: RunOptions & { newPassword?: boolean }) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          if (options.newPassword) {
            const value = new Secret(randomText(16));
            const newSecrets = [{ slot: ownSlots.admin, value }];
            const look = () => reviewChange({ ...study, verb: 'admin', change: (state) => state, newSecrets }, server);
            if (!options.plan)
              await confirm(`${whatItBreaks} Go on?`, `making a new admin password for ${study.stack}`, context);
            await runReview(look, options, server, context);
            return;
          }
          const { url, user, password } = await readAdminAccess(study.stack, server);
          // Shown because a person asked for exactly this.
          const shown = password.reveal();
          context.output.answer({
            json: { stack: study.stack, url, user, password: shown },
            text: [`Address   ${url}`, `User      ${user}`, `Password  ${shown}`].join('\n'),
            rows: [[url, user, shown]],
          });
        }),
      ),
    );
}
