import type { Row } from '../database/table.ts';
import { loggedIn } from './otree-admin.ts';
import { type Answer, csv, html, redirect, text } from './otree-http.ts';
import { timeSpentColumns } from './otree-journey.ts';
import { link, renderPage } from './otree-pages.ts';
import { HttpRefusal, type Route, type RouteCall, type Site } from './otree-route.ts';
import { playerColumns, type StudyApp } from './otree-study.ts';

/** The data as files. The running code decides what is in them, not the tables. */
export const exportRoutes: readonly Route[] = [
  { path: '/export', access: 'login', get: showExports },
  { path: '/ExportWide', access: 'login', get: (call) => csv(wide(call.site), 'all_apps_wide') },
  { path: '/ExportPageTimes', access: 'public', get: openInOlder },
  { path: '/chat_export', access: 'public', get: openInOlder },
  { path: '/api/export_wide', access: 'rest', get: ({ site }) => csv(wide(site), 'all_apps_wide') },
  { path: '/api/export_page_times', access: 'rest', get: ({ site }) => csv(pageTimes(site), 'PageTimes') },
];

function showExports({ site: { study } }: RouteCall): Answer {
  const body = `<ul><li>${link('/ExportWide', 'All apps, one row per participant')}</li>
<li>${link('/ExportPageTimes', 'Page times')}</li></ul>`;
  return html(renderPage({ title: 'Data', body, study: study.title, note: study.note, menu: true }));
}

/** Before 6.0.15 these were closed to nobody, with or without AUTH_LEVEL. */
function openInOlder({ site, visit }: RouteCall): Answer {
  const isOlder = /^(?:[0-5]\.|6\.0\.(?:\d|1[0-4])(?:\D|$))/.test(site.study.version);
  const isChat = visit.path === '/chat_export';
  if (isChat && !isOlder) return text('Not Found', 404);
  if (!isOlder && site.authLevel !== '' && visit.cookie.otree_auth !== loggedIn) return redirect('/login');
  return isChat
    ? csv('session_code,id_in_session,participant_code,channel,nickname,body,timestamp\r\n', 'ChatMessages')
    : csv(pageTimes(site), 'PageTimes');
}

/** oTree keeps page times in memory and writes them to the database when somebody asks for them. */
function pageTimes(site: Site): string {
  const batches = site.database().table('otree_pagetimebatch');
  if (site.pageTimes.length > 0) batches.insert({ text: `${site.pageTimes.splice(0).join('\r\n')}\r\n` });
  return storedPageTimes(site);
}

type Stored = Pick<Site, 'study' | 'database'>;

/** Those that are in the database. */
export function storedPageTimes({ database }: Stored): string {
  const batches = database().table('otree_pagetimebatch');
  return `${timeSpentColumns}\r\n${batches.rows.map((batch) => batch.text).join('')}`;
}

/** One row per participant; of one session, or of all. */
export function wide(site: Stored, session?: string): string {
  const database = site.database();
  const ofParticipant = ['code', 'label', '_index_in_pages', '_max_page_index', '_current_app_name', 'payoff'];
  const apps = site.study.apps.flatMap((app) =>
    Array.from({ length: app.rounds ?? 1 }, (_none, at) => ({ app, round: at + 1 })),
  );
  const heads = [
    'session.code',
    ...ofParticipant.map((column) => `participant.${column}`),
    ...apps.flatMap(({ app, round }) =>
      Object.keys(playerColumns(app)).map((column) => `${app.name}.${round}.player.${column}`),
    ),
  ];
  const participants = database.table('otree_participant').rows;
  const wanted = participants.filter(({ _session_code }) => session === undefined || _session_code === session);
  const lines = wanted.map((participant) => {
    const answers = apps.flatMap(({ app, round }) => {
      const player = database
        .table(`${app.name}_player`)
        .rows.find((one) => one.participant_id === participant.id && one.round_number === round);
      return Object.keys(playerColumns(app)).map((column) => player && columnOf(player, column, app.name));
    });
    return [participant._session_code, ...ofParticipant.map((column) => participant[column]), ...answers];
  });
  return linesOf([heads, ...lines]);
}

/** One row per player of an app. */
export function ofApp(site: Stored, app: StudyApp): string {
  const database = site.database();
  const ofParticipant = ['id_in_session', 'code', 'label'];
  const heads = [
    ...ofParticipant.map((column) => `participant.${column}`),
    ...Object.keys(playerColumns(app)).map((column) => `player.${column}`),
    'subsession.round_number',
  ];
  const participants = new Map(database.table('otree_participant').rows.map((row) => [row.id, row]));
  const lines = database
    .table(`${app.name}_player`)
    .rows.map((player) => [
      ...ofParticipant.map((column) => participants.get(player.participant_id)?.[column]),
      ...Object.keys(playerColumns(app)).map((column) => columnOf(player, column, app.name)),
      player.round_number,
    ]);
  return linesOf([heads, ...lines]);
}

function linesOf(rows: readonly (readonly unknown[])[]): string {
  return rows.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

function columnOf(player: Row, column: string, app: string) {
  if (column in player) return player[column];
  throw new HttpRefusal(500, `column ${app}_player.${column} does not exist`);
}

function cell(value: unknown): string {
  const content = String(value ?? '');
  return /[",\r\n]/.test(content) ? `"${content.replaceAll('"', '""')}"` : content;
}
