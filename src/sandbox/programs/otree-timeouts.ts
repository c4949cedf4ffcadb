import type { Row } from '../database/table.ts';
import type { Timeline } from '../timeline.ts';
import { advance, currentPage } from './otree-journey.ts';
import { HttpRefusal, type Site } from './otree-route.ts';

/** `otree timeoutsubprocess`: submits pages whose time is over. */
export interface TimeoutWorker {
  /** Its connection to the database broke: it dies, and nobody starts it again. */
  readonly isAlive: boolean;
  /** Looks again at what is due next. */
  look(): void;
  die(): void;
}

/** It drops what is more than a minute late: that group would wait for ever. */
const tooLateSeconds = 60;

export function timeoutWorker(site: Site, timeline: Timeline): TimeoutWorker {
  let isAlive = true;
  let cancel = () => {};

  function look(): void {
    cancel();
    if (!isAlive) return;
    const messages = site.database().table('otree_taskqueuemessage').rows;
    const next = Math.min(...messages.map(({ epoch_time }) => Number(epoch_time)));
    if (!Number.isFinite(next)) return;
    cancel = timeline.after(Math.max(0, next * 1000 - timeline.now()), () => {
      submitDue();
      look();
    });
  }

  function submitDue(): void {
    const now = site.now();
    const database = site.database();
    const messages = database.table('otree_taskqueuemessage');
    const due = messages.rows.filter(({ epoch_time }) => Number(epoch_time) <= now);
    messages.delete((message) => due.includes(message));
    for (const { kwargs_json, epoch_time } of due) {
      if (Number(epoch_time) < now - tooLateSeconds) continue;
      const { participant_code, page_index } = JSON.parse(String(kwargs_json));
      const participant = database.table('otree_participant').rows.find(({ code }) => code === participant_code);
      if (participant) submit(participant, Number(page_index));
    }
  }

  function submit(participant: Row, pageIndex: number): void {
    try {
      const placed = currentPage(site, participant);
      if (placed?.index === pageIndex) advance(site, participant, placed, true);
    } catch (error) {
      // The page is gone from the code: oTree's own request to it fails in the same way.
      if (!(error instanceof HttpRefusal)) throw error;
    }
  }

  return {
    get isAlive() {
      return isAlive;
    },
    look,
    die() {
      isAlive = false;
      cancel();
    },
  };
}
