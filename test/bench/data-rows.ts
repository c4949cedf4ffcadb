import { containerOf, type Lab, longestGapSeconds, watchFromOutside } from '../e2e/support/lab.ts';
import { until } from '../e2e/support/until.ts';
import { bigSize, fillDatabase, type StudyDatabase } from './big-data.ts';
import type { PlainStack } from './plain-stack.ts';
import { compare, report, seconds, times } from './table.ts';

const rounds = 3;

/** Backup and reset of a study with much data, against pg_dump and otree resetdb as a careful person would type them. */
export async function dataRows(
  lab: Lab,
  plain: PlainStack,
  docker: (words: readonly string[]) => Promise<string>,
): Promise<void> {
  const { participants } = bigSize;
  const size = `${participants.toLocaleString('en')} participants, ${bigSize.rounds} rounds`;
  const theirs: StudyDatabase = { service: 'plain_db', user: 'postgres', name: 'postgres' };
  const ours: StudyDatabase = { service: 'measured_db', user: 'study', name: 'otree' };
  for (const database of [ours, theirs]) await fillDatabase(lab, database);

  const container = await containerOf(lab, theirs.service);
  const dump = () =>
    docker(['exec', container, 'pg_dump', '-Fc', '-U', 'postgres', '-f', '/tmp/plain.dump', 'postgres']);
  const dumps = await times(rounds, () => seconds(dump));
  const backups = await times(rounds, () => seconds(() => lab.succeed(['backup', 'measured'])));
  report(`docker -H ssh:// exec pg_dump -Fc, ${size}`, dumps);
  report('oforest backup of the same, restored beside and compared', backups);
  compare('  ratio', backups, dumps);

  const plainGaps: number[] = [];
  const plainResets = await times(rounds, async () => {
    await fillDatabase(lab, theirs);
    const outside = watchFromOutside(lab, plain.host);
    const taken = await seconds(async () => {
      await dump();
      await docker(['service', 'scale', 'plain_web=0']);
      await plain.resetDatabase();
      await docker(['service', 'scale', 'plain_web=1']);
      await until('the route answers', async () => (await lab.get(plain.host, '/login')).status === 200);
    });
    plainGaps.push(longestGapSeconds(await outside.stop()));
    return taken;
  });
  const gaps: number[] = [];
  const resets = await times(rounds, async () => {
    await fillDatabase(lab, ours);
    const outside = watchFromOutside(lab, 'measured.oforest.test');
    const reset = ['reset', 'measured', '--confirm', 'measured', '--ignore-open-pages'];
    const taken = await seconds(() => lab.succeed(reset));
    gaps.push(longestGapSeconds(await outside.stop()));
    return taken;
  });
  report('pg_dump, web to 0, otree resetdb in a container, web to 1, of the same', plainResets);
  report('oforest reset, proven backup, proof and soak included, our own requests not counted as people', resets);
  compare('  ratio', resets, plainResets);
  report("an outside client's gap, by hand", plainGaps);
  report("an outside client's gap, oforest reset", gaps);
  compare('  ratio', gaps, plainGaps);
}
