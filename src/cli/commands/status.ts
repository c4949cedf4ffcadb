import type { Command } from 'commander';
import { experimentStatus, seePeopleOf, systemClock, wordOfState } from '../../core/index.ts';
import { renderStatus } from '../render/status.ts';
import { peopleInJson } from '../render/studies.ts';
import { withStudy } from '../subject.ts';
import type { Run } from './run.ts';

export function registerStatusCommand(program: Command, run: Run): void {
  program
    .command('status <experiment>')
    .description('one study: what runs, since when, and what is wrong')
    .action((name: string) =>
      run((context) =>
        withStudy(name, context, async (server, study) => {
          const { swarm } = server;
          const [status, people] = await Promise.all([
            experimentStatus(study.stack, { swarm }),
            seePeopleOf(study.stack, { swarm, clock: systemClock }),
          ]);
          const { stack, state, release, url } = status;
          context.output.answer({
            json: { ...status, ...(people && { people: peopleInJson(people) }) },
            text: renderStatus(status, people),
            rows: [[stack, wordOfState[state], release ? `v${release}` : '', url]],
          });
        }),
      ),
    );
}
