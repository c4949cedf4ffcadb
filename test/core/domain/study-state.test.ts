import { describe, expect, it } from 'vitest';
import { listedStateOf, studyStateOf } from '../../../src/core/domain/study-state.ts';

const web = { deleted: false, stopped: false, update: '' };
const running = { ...web, task: 'running', error: '' };

describe('the state of a study', () => {
  it.each([
    ['', 'running'],
    ['completed', 'running'],
    ['updating', 'updating'],
    ['paused', 'running'],
    ['rollback_started', 'going-back'],
    ['rollback_paused', 'going-back'],
    ['rollback_completed', 'running'],
  ])('is, from an update that is %j, %s: with its tasks and without', (update, state) => {
    expect(listedStateOf({ ...web, update })).toBe(state);
    expect(studyStateOf({ ...running, update })).toBe(state);
  });

  it('is what somebody wanted, whatever Swarm is at', () => {
    const broken = { update: 'rollback_started', task: 'failed', error: 'task: non-zero exit (1)' };
    expect(studyStateOf({ ...web, ...broken, stopped: true })).toBe('stopped');
    expect(studyStateOf({ ...web, ...broken, stopped: true, deleted: true })).toBe('deleted');
    expect(listedStateOf({ ...broken, stopped: true, deleted: true })).toBe('deleted');
  });

  it('is told to be starting or failing by its newest task alone', () => {
    expect(studyStateOf({ ...running, task: 'none' })).toBe('starting');
    expect(studyStateOf({ ...running, task: 'preparing' })).toBe('starting');
    expect(studyStateOf({ ...running, task: 'preparing', update: 'updating' })).toBe('updating');
    expect(studyStateOf({ ...running, task: 'failed', error: 'No such image', update: 'updating' })).toBe('failing');
  });
});
