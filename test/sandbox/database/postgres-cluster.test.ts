import { describe, expect, it } from 'vitest';
import { PostgresCluster } from '../../../src/sandbox/database/postgres-cluster.ts';
import { drivenTimeline } from '../../../src/sandbox/timeline.ts';

const timeline = drivenTimeline();

function aCluster(): PostgresCluster {
  const cluster = new PostgresCluster(timeline);
  cluster.initialise({ superuser: 'postgres', password: 'root', database: 'postgres' });
  cluster.createRole('study', { password: 'secret' });
  cluster.createDatabase('otree', { owner: 'study' }).openToAll = false;
  return cluster;
}

const asStudy = { database: 'otree', role: 'study', password: 'secret' };

describe('a connection', () => {
  it.each([
    [{ ...asStudy, password: 'other' }, 'password authentication failed for user "study"'],
    [{ ...asStudy, role: 'nobody' }, 'password authentication failed for user "nobody"'],
    [{ ...asStudy, database: 'missing' }, 'database "missing" does not exist'],
    [{ ...asStudy, database: 'template0' }, 'database "template0" is not currently accepting connections'],
  ])('is refused in the words of Postgres: %o', (request, message) => {
    expect(() => aCluster().connect(request)).toThrow(message);
  });

  it('is for the owner and superusers alone once PUBLIC has no right to it', () => {
    const cluster = aCluster();
    cluster.createRole('other', { password: 'secret' });
    expect(() => cluster.connect({ ...asStudy, role: 'other' })).toThrow('permission denied for database "otree"');
    expect(cluster.connect({ database: 'otree', role: 'postgres', password: 'root' }).isOpen).toBe(true);
    expect(cluster.connect(asStudy).isOpen).toBe(true);
  });

  it('tells its holder when it is terminated, and not when the holder closes it', () => {
    const cluster = aCluster();
    const lost: string[] = [];
    const one = cluster.connect({ ...asStudy, onLost: () => lost.push('one') });
    const two = cluster.connect({ ...asStudy, onLost: () => lost.push('two') });
    two.close();
    expect(cluster.terminate(() => true)).toBe(1);
    expect({ lost, open: [one.isOpen, two.isOpen] }).toEqual({ lost: ['one'], open: [false, false] });
  });
});

describe('a database', () => {
  it('is neither renamed, dropped nor copied while somebody is connected', () => {
    const cluster = aCluster();
    const connection = cluster.connect(asStudy);
    const refused = { sqlState: '55006', detail: 'There is 1 other session using the database.' };
    expect(() => cluster.renameDatabase('otree', 'old')).toThrow(expect.objectContaining(refused));
    expect(() => cluster.dropDatabase('otree')).toThrow(expect.objectContaining(refused));
    expect(() => cluster.createDatabase('copy', { owner: 'study', template: 'otree' })).toThrow(
      'source database "otree" is being accessed by other users',
    );
    connection.close();
    cluster.renameDatabase('otree', 'old');
    expect(cluster.database('otree')).toBeUndefined();
  });

  it('is dropped with force although somebody is connected', () => {
    const cluster = aCluster();
    const connection = cluster.connect(asStudy);
    cluster.dropDatabase('otree', { force: true });
    expect([connection.isOpen, cluster.database('otree')]).toEqual([false, undefined]);
  });

  it('swaps its name with another in one transaction', () => {
    const cluster = aCluster();
    const [old, fresh] = [cluster.find('otree'), cluster.createDatabase('otree_new', { owner: 'study' })];
    cluster.transaction(() => {
      cluster.renameDatabase('otree', 'otree_before');
      cluster.renameDatabase('otree_new', 'otree');
    });
    expect([cluster.database('otree'), cluster.database('otree_before')]).toEqual([fresh, old]);
  });

  it('has its old name when the second half of a swap is refused', () => {
    const cluster = aCluster();
    cluster.createDatabase('otree_new', { owner: 'study' });
    cluster.connect({ database: 'otree_new', role: 'study', password: 'secret' });
    expect(() =>
      cluster.transaction(() => {
        cluster.find('otree').allowConnections = false;
        cluster.renameDatabase('otree', 'otree_before');
        cluster.renameDatabase('otree_new', 'otree');
      }),
    ).toThrow('database "otree_new" is being accessed by other users');
    expect(cluster.find('otree').allowConnections).toBe(true);
    expect(cluster.database('otree_before')).toBeUndefined();
  });

  it('is not created or dropped inside a transaction', () => {
    const cluster = aCluster();
    expect(() => cluster.transaction(() => cluster.dropDatabase('otree'))).toThrow(
      'DROP DATABASE cannot run inside a transaction block',
    );
  });

  it('is copied with its rows, which are then its own', () => {
    const cluster = aCluster();
    cluster.find('otree').createTable('trust_player', { sent: 'integer' }).insert({ sent: 4 });
    const copy = cluster.createDatabase('copy', { owner: 'study', template: 'otree' });
    copy.table('trust_player').insert({ sent: 5 });
    expect([cluster.counts('otree'), cluster.counts('copy')]).toEqual([{ trust_player: 1 }, { trust_player: 2 }]);
  });
});

describe('a table', () => {
  it('numbers its rows, also after some were deleted', () => {
    const table = aCluster().find('otree').createTable('t', { name: 'text' });
    table.insert({ name: 'a' });
    table.insert({ name: 'b' });
    expect(table.delete(({ name }) => name === 'b')).toBe(1);
    expect(table.insert({})).toEqual({ id: 3, name: null });
  });

  it('refuses a column that it has not, and takes it once it was added', () => {
    const table = aCluster().find('otree').createTable('trust_player', {});
    table.insert({});
    expect(() => table.insert({ sent: 1 })).toThrow('column "sent" of relation "trust_player" does not exist');
    table.addColumn('sent', 'integer');
    table.insert({ sent: 1 });
    expect(table.rows).toEqual([
      { id: 1, sent: null },
      { id: 2, sent: 1 },
    ]);
  });

  it('is not altered by creating it once more', () => {
    const database = aCluster().find('otree');
    database.createTable('trust_player', { sent: 'integer' });
    expect([...database.createTable('trust_player', { sent: 'integer', kept: 'integer' }).columns.keys()]).toEqual([
      'id',
      'sent',
    ]);
  });
});

it('comes back from its JSON with all but the connections', () => {
  const cluster = aCluster();
  cluster.find('otree').createTable('trust_player', { sent: 'integer' }).insert({ sent: 4 });
  cluster.connect(asStudy);
  const json = JSON.parse(JSON.stringify(cluster));
  const again = PostgresCluster.fromJSON(json, timeline);
  expect(again.toJSON()).toEqual(json);
  expect(again.connections).toEqual([]);
  expect(again.find('otree').table('trust_player').insert({})).toEqual({ id: 2, sent: null });
  expect(() => again.connect({ ...asStudy, password: 'other' })).toThrow('password authentication failed');
});
