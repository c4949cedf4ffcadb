import { idleService, type SpecChanges } from '../bench.ts';
import { type CaseGroup, type ContractCase, expectRefusal, invalid, unknown } from './case.ts';

type Row = readonly [what: string, changes: SpecChanges, status: number, message: string];

const mount = (...Mounts: object[]): SpecChanges => ({ container: { Mounts } });
const constraint = (text: string): SpecChanges => ({ task: { Placement: { Constraints: [text] } } });
const ports = (Mode: string | undefined, ...Ports: object[]): SpecChanges => ({ EndpointSpec: { Mode, Ports } });
const health = (Healthcheck: object): SpecChanges => ({ container: { Healthcheck } });
const noField = `template: expansion:1:2: executing "expansion" at <.Nope>: can't evaluate field Nope in type *template.Context`;

const rows: readonly Row[] = [
  ['without a task', { TaskTemplate: undefined }, 400, 'mismatched Runtime and *Spec fields'],
  ['without a container', { TaskTemplate: {} }, 400, 'mismatched Runtime and *Spec fields'],
  ['for plugins', { task: { Runtime: 'plugin' } }, 400, 'mismatched Runtime and *Spec fields'],
  ['for a runtime it does not know', { task: { Runtime: 'fancy' } }, 400, 'unsupported runtime'],

  ['with a space in its name', { Name: 'a b' }, 400, invalid('name must be valid as a DNS name component')],
  ['with a dot in its name', { Name: 'a.b' }, 400, invalid('name must be valid as a DNS name component')],
  ['whose name begins with _', { Name: '_ab' }, 400, invalid('name must be valid as a DNS name component')],
  ['whose name ends with -', { Name: 'ab-' }, 400, invalid('name must be valid as a DNS name component')],
  ['with a name of 64 letters', { Name: 'a'.repeat(64) }, 400, invalid('name must be 63 characters or fewer')],

  ['without an image', { container: { Image: '' } }, 400, invalid('ContainerSpec: image reference must be provided')],
  [
    'with an image that is no reference',
    { container: { Image: 'A b' } },
    400,
    invalid('ContainerSpec: "A b" is not a valid repository/tag'),
  ],
  [
    'with an image in capitals',
    { container: { Image: 'ABC' } },
    400,
    invalid('ContainerSpec: "ABC" is not a valid repository/tag'),
  ],
  [
    'with half a digest',
    { container: { Image: 'x@sha256:12' } },
    400,
    invalid('ContainerSpec: "x@sha256:12" is not a valid repository/tag'),
  ],

  ['in two modes', { Mode: { Replicated: { Replicas: 0 }, Global: {} } }, 400, 'must specify only one service mode'],
  [
    'with more replicas than there are numbers',
    { Mode: '{}' },
    400,
    'json: cannot unmarshal string into Go struct field ServiceSpec.Mode of type swarm.ServiceMode',
  ],
  [
    'that is a job and wants to be updated in steps',
    { Mode: { ReplicatedJob: {} }, UpdateConfig: { Parallelism: 1 } },
    400,
    invalid('Jobs may not have an update config'),
  ],

  [
    'with two mounts at one place',
    mount({ Type: 'volume', Source: 'a', Target: '/x' }, { Type: 'volume', Source: 'b', Target: '/x' }),
    400,
    invalid('ContainerSpec: duplicate mount point: /x'),
  ],
  [
    'with a mount of a type it does not know',
    mount({ Type: 'floppy', Source: 'a', Target: '/x' }),
    400,
    'invalid MountType: "floppy"',
  ],

  ['on a network that is none', { task: { Networks: [{ Target: 'nosuch' }] } }, 500, 'network nosuch not found'],
  [
    'on a network that is none, given at the top',
    { Networks: [{ Target: 'nosuch' }] },
    500,
    'network nosuch not found',
  ],
  [
    'on the network none',
    { task: { Networks: [{ Target: 'none' }] } },
    404,
    'could not find the corresponding predefined swarm network: network none not found',
  ],
  [
    'on the ingress network',
    { task: { Networks: [{ Target: 'ingress' }] } },
    400,
    invalid('Service cannot be explicitly attached to the ingress network "ingress"'),
  ],

  [
    'by DNS with a port of the ingress network',
    ports('dnsrr', { TargetPort: 80, PublishedPort: 34_002 }),
    400,
    invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode"),
  ],
  [
    'by DNS with a port of the ingress network, whichever',
    ports('dnsrr', { TargetPort: 80 }),
    400,
    invalid("EndpointSpec: port published with ingress mode can't be used with dnsrr mode"),
  ],
  ['with an endpoint of a mode it does not know', ports('fancy'), 400, 'invalid resolution mode: "fancy"'],
  [
    'with one port published twice',
    ports(undefined, { TargetPort: 80, PublishedPort: 34_002 }, { TargetPort: 81, PublishedPort: 34_002 }),
    400,
    invalid('EndpointSpec: duplicate published ports provided'),
  ],
  [
    'with one port of the host published twice',
    ports(
      undefined,
      { TargetPort: 80, PublishedPort: 34_002, PublishMode: 'host' },
      { TargetPort: 81, PublishedPort: 34_002, PublishMode: 'host' },
    ),
    400,
    invalid('EndpointSpec: duplicate published ports provided'),
  ],

  [
    'with a failure action it does not know',
    { UpdateConfig: { FailureAction: 'explode' } },
    400,
    'unrecognized update failure action explode',
  ],
  [
    'with an order it does not know',
    { UpdateConfig: { Order: 'sideways' } },
    400,
    'unrecognized update order sideways',
  ],
  [
    'with an order of rolling back it does not know',
    { RollbackConfig: { Order: 'sideways' } },
    400,
    'unrecognized update order sideways',
  ],
  ['with a negative delay', { UpdateConfig: { Delay: -1 } }, 400, invalid('TaskSpec: update-delay cannot be negative')],
  [
    'with a negative time of monitoring',
    { UpdateConfig: { Monitor: -1 } },
    400,
    invalid('TaskSpec: update-monitor cannot be negative'),
  ],
  [
    'with a ratio above 1',
    { UpdateConfig: { MaxFailureRatio: 2 } },
    400,
    invalid('TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1'),
  ],

  [
    'with too little memory',
    { task: { Resources: { Limits: { MemoryBytes: 1 } } } },
    400,
    invalid('invalid memory value 1: Must be at least 4MiB'),
  ],
  [
    'that reserves too little memory',
    { task: { Resources: { Reservations: { MemoryBytes: 4_194_303 } } } },
    400,
    invalid('invalid memory value 4194303: Must be at least 4MiB'),
  ],
  [
    'with too little of a processor',
    { task: { Resources: { Limits: { NanoCPUs: 1 } } } },
    400,
    invalid('invalid cpu value 1e-09: Must be at least 0.001'),
  ],

  ['with a word as constraint', constraint('nonsense'), 500, unknown('constraint expected one operator from ==, !=')],
  ['with an empty constraint', constraint(''), 500, unknown('constraint expected one operator from ==, !=')],
  [
    'with one = in a constraint',
    constraint('node.id = x'),
    500,
    unknown('constraint expected one operator from ==, !='),
  ],
  ['with a constraint to nothing', constraint('node.id=='), 500, unknown("value '' is invalid")],
  ['with a constraint of nothing', constraint('==x'), 500, unknown("key '' is invalid")],
  ['with a space in a constraint', constraint('node.labels.a b==c'), 500, unknown("key 'node.labels.a b' is invalid")],
  ['with two operators', constraint('node.labels.a==b!=c'), 500, unknown("value 'b!=c' is invalid")],

  [
    'with a restart condition it does not know',
    { task: { RestartPolicy: { Condition: 'sometimes' } } },
    400,
    'invalid RestartCondition: "sometimes"',
  ],
  [
    'with a negative delay of restarts',
    { task: { RestartPolicy: { Delay: -1 } } },
    400,
    invalid('TaskSpec: restart-delay cannot be negative'),
  ],
  [
    'with a negative window of restarts',
    { task: { RestartPolicy: { Window: -1 } } },
    400,
    invalid('TaskSpec: restart-window cannot be negative'),
  ],

  [
    'with a health check more often than each millisecond',
    health({ Test: ['CMD', 'true'], Interval: 1000 }),
    400,
    invalid('ContainerSpec: Interval in HealthConfig cannot be less than 1ms'),
  ],
  [
    'with a health check that takes less than a millisecond',
    health({ Test: ['CMD', 'true'], Timeout: 1000 }),
    400,
    invalid('ContainerSpec: Timeout in HealthConfig cannot be less than 1ms'),
  ],
  [
    'with a negative number of tries',
    health({ Retries: -1 }),
    400,
    invalid('ContainerSpec: Retries in HealthConfig cannot be negative'),
  ],

  [
    'with a variable from a field that is none',
    { container: { Env: ['A={{.Nope}}'] } },
    400,
    invalid(`expanding env failed: expanding env "A={{.Nope}}": ${noField}`),
  ],
  [
    'with a template that does not end',
    { container: { Env: ['A={{'] } },
    400,
    invalid('expanding env failed: expanding env "A={{": template: expansion:1: unclosed action'),
  ],
  [
    'with a template in its host name that is wrong',
    { container: { Hostname: '{{.Nope}}' } },
    400,
    invalid(`expanding hostname failed: ${noField}`),
  ],
  [
    'with a template in a mount that is wrong',
    mount({ Type: 'volume', Source: '{{.Nope}}', Target: '/x' }),
    400,
    invalid(`expanding mounts failed: expanding mount source "{{.Nope}}": ${noField}`),
  ],
  [
    'that is too large for the log of the managers',
    { Labels: { large: 'x'.repeat(2_000_000) } },
    500,
    unknown("raft: raft message is too large and can't be sent"),
  ],
];

const refusals = rows.map(
  ([what, changes, status, message]): ContractCase => ({
    name: `refuses a service ${what}`,
    run: async (bench) =>
      expectRefusal(await bench.post('/services/create', idleService(bench, changes)), status, message),
  }),
);

/** Wrong, but found by the node that runs the task, if at all. */
const accepted: readonly (readonly [what: string, changes: SpecChanges])[] = [
  ['with a mount that has no target', mount({ Type: 'volume', Source: 'a' })],
  ['with a mount at a relative place', mount({ Type: 'volume', Source: 'a', Target: 'x' })],
  ['with a bind mount of a relative path', mount({ Type: 'bind', Source: 'a', Target: '/x' })],
  ['with a volume whose name has a space', mount({ Type: 'volume', Source: 'a b', Target: '/x' })],
  ['with a port above 65535', ports(undefined, { TargetPort: 70_000, PublishMode: 'host' })],
  [
    'that reserves more than its limit',
    {
      task: { Resources: { Limits: { MemoryBytes: 8_388_608 }, Reservations: { MemoryBytes: 16_777_216 } } },
    },
  ],
  ['with a constraint of a word it does not know', constraint('foo==bar')],
  ['with a constraint to a value with a space', constraint('node.labels.a == b c')],
  ['with a negative delay of rolling back', { RollbackConfig: { Delay: -1 } }],
  ['with a signal that is none', { container: { StopSignal: 'SIGFOO' } }],
  ['with a log driver that is none', { task: { LogDriver: { Name: 'nosuch' } } }],
  ['with a health check of a kind that is none', health({ Test: ['WEIRD'] })],
];

export const serviceRefusalCases: CaseGroup = {
  subject: 'services that are refused, and some that are not',
  cases: [
    ...refusals,
    ...accepted.map(
      ([what, changes]): ContractCase => ({
        name: `takes a service ${what}`,
        run: async (bench) => void (await bench.create('services', idleService(bench, changes))),
      }),
    ),
  ],
};
