import { otreeProgram } from '../programs/otree.ts';
import { type Study, type StudyApp, type StudyFault, studyFaults } from '../programs/otree-study.ts';
import { postgresProgram } from '../programs/postgres.ts';
import type { Program } from '../programs/program.ts';
import { shellProgram } from '../programs/shell.ts';
import type { SandboxImage } from './image.ts';

const amd64 = { os: 'linux', architecture: 'amd64' } as const;

const trust = (introduction: string): StudyApp => ({
  name: 'trust',
  pages: [
    { name: 'Introduction', title: 'A game of trust', text: introduction },
    {
      name: 'Send',
      title: 'How much do you send?',
      text: 'The other person then decides how much of it comes back to you.',
      question: { field: 'sent_amount', label: 'Points to send, from 0 to 10', min: 0, max: 10 },
      timeoutSeconds: 300,
    },
    { name: 'Results', title: 'Your result', text: 'Thank you. Your points were noted.' },
  ],
});
const terse =
  'You are paired with another person. You have 10 points and may send some of them. They are tripled on the way.';
const clear =
  'You and one other person play together. You start with 10 points. Whatever you send arrives tripled, and the other person decides how much of it you get back.';

/** Asks one thing more on a page that was there before: data of earlier versions lacks its column. */
const trustWithGuess: StudyApp = {
  ...trust(clear),
  pages: trust(clear).pages.map((page) =>
    page.name === 'Introduction'
      ? { ...page, question: { field: 'expected_back', label: 'Points you expect back', min: 0, max: 30 } }
      : page,
  ),
};

const publicGoods = (introduction: string): StudyApp => ({
  name: 'public_goods',
  rounds: 2,
  pages: [
    {
      name: 'Contribute',
      title: 'A common pot',
      text: introduction,
      question: { field: 'contribution', label: 'Your contribution, from 0 to 100', min: 0, max: 100 },
    },
    { name: 'Results', title: 'The pot', text: 'The pot was shared. Your points were noted.' },
  ],
});
const threeShare = 'Three people have 100 points each. What is put into the pot is doubled and shared.';
const allShare = `${threeShare} You get a third of it, whatever you put in, and keep what you did not.`;

const questionnaire: StudyApp = {
  name: 'survey',
  pages: [
    {
      name: 'Age',
      title: 'About you',
      text: 'Two short questions.',
      question: { field: 'age', label: 'How old are you?', min: 18, max: 120 },
    },
    {
      name: 'Field',
      title: 'Your field',
      text: 'One more question, then you are done.',
      question: { field: 'field_of_study', label: 'What do you study?' },
    },
    { name: 'Thanks', title: 'Thank you', text: 'That was all.' },
  ],
};

const dictator: StudyApp = {
  name: 'dictator',
  pages: [
    {
      name: 'Offer',
      title: 'Sharing',
      text: 'You have 100 points and may give some of them to a person you do not know.',
      question: { field: 'given', label: 'Points to give, from 0 to 100', min: 0, max: 100 },
    },
    { name: 'Results', title: 'Your decision', text: 'Your decision was noted.' },
  ],
};

const rooms = [{ name: 'lab', displayName: 'The lab' }] as const;

const trustGame = (
  note: string,
  { apps = [trust(terse)], fault }: { apps?: StudyApp[]; fault?: StudyFault } = {},
): Study => ({
  title: 'Trust game',
  version: '6.0.15',
  apps,
  sessionConfigs: [
    { name: 'trust', displayName: 'Trust game', apps: apps.map(({ name }) => name), demoParticipants: 2 },
  ],
  rooms,
  note,
  ...(fault && { fault }),
});

const single = (title: string, app: StudyApp, demoParticipants: number, note: string): Study => ({
  title,
  version: '6.0.15',
  apps: [app],
  sessionConfigs: [{ name: app.name, displayName: title, apps: [app.name], demoParticipants }],
  rooms,
  note,
});

const study = (repository: string, tag: string, content: Study): SandboxImage => ({
  repository: `samples/${repository}`,
  tag,
  platform: amd64,
  program: otreeProgram(content),
});
const plain = (repository: string, tag: string, program: Program): SandboxImage => ({
  repository,
  tag,
  platform: amd64,
  program,
});

/** What the sandbox's registry offers: studies in several versions, their bad sisters, and the images under them. */
export const sampleImages: readonly SandboxImage[] = [
  study('trust-game', 'v1', trustGame('This is v1.')),
  study('trust-game', 'v2', trustGame('This is v2, with a questionnaire.', { apps: [trust(terse), questionnaire] })),
  study('trust-game', 'v3', trustGame('This is v3, with clearer words.', { apps: [trust(clear), questionnaire] })),
  study('trust-game', 'v4', trustGame('This is v4, with one more field.', { apps: [trustWithGuess, questionnaire] })),
  study('public-goods', 'v1', single('Public goods', publicGoods(threeShare), 3, 'This is v1.')),
  study('public-goods', 'v2', single('Public goods', publicGoods(allShare), 3, 'This is v2, with clearer words.')),
  study('survey', 'v1', single('A short survey', questionnaire, 1, 'This is v1.')),
  study('dictator', 'v1', single('Dictator game', dictator, 2, 'This is v1.')),
  ...studyFaults.map((fault) => study('broken', fault, trustGame(`This is ${fault}.`, { fault }))),
  {
    ...study('trust-game', 'arm64', trustGame('This is v1, for another processor.')),
    platform: { os: 'linux', architecture: 'arm64' },
  },
  plain('postgres', '15', postgresProgram),
  plain('alpine', '3', shellProgram),
];
