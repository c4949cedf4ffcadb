/** Every label key oForest writes, in one place. The values of `kind` tell our configs apart. */
export const label = {
  kind: 'org.oforest.kind',
  format: 'org.oforest.format',
  stack: 'org.oforest.stack',
  part: 'org.oforest.part',
  experiment: 'org.oforest.experiment',
  environment: 'org.oforest.environment',
  release: 'org.oforest.release',
  state: 'org.oforest.state',
  owner: 'org.oforest.owner',
  operation: 'org.oforest.operation',
  epoch: 'org.oforest.epoch',
  host: 'org.oforest.host',
  idleMinutes: 'org.oforest.idle-minutes',
  slot: 'org.oforest.slot',
  node: 'org.oforest.node',
  task: 'org.oforest.task',
  otree: 'org.oforest.otree',
  // records
  number: 'org.oforest.number',
  digest: 'org.oforest.digest',
  author: 'org.oforest.author',
  time: 'org.oforest.time',
  source: 'org.oforest.source',
  verb: 'org.oforest.verb',
  actor: 'org.oforest.actor',
  heartbeat: 'org.oforest.heartbeat',
  runner: 'org.oforest.runner',
  events: 'org.oforest.events',
  step: 'org.oforest.step',
  cancel: 'org.oforest.cancel',
  until: 'org.oforest.until',
  fit: 'org.oforest.fit',
} as const;

/** Docker's own conventions, so that `docker stack ls | ps | services` understand our stacks. */
export const dockerLabel = {
  namespace: 'com.docker.stack.namespace',
  image: 'com.docker.stack.image',
} as const;

/** The format of our records; a newer one makes this program read-only. */
export const recordFormat = 1;
