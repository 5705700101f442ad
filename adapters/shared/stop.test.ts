import { describe, expect, it } from '@jest/globals';
import { Stop, stoppableOf } from './stop.js';

describe('a stop', () => {
  it('calls once who listens, and nobody who left', () => {
    const stop = new Stop();
    const heard: string[] = [];
    const leaving = (): void => {
      heard.push('left');
    };
    stop.on(() => heard.push('stays'));
    stop.on(leaving);
    stop.off(leaving);

    stop.abort('first');
    stop.abort('second');

    expect(heard).toEqual(['stays']);
    expect(stop).toMatchObject({ isStopped: true, reason: 'first' });
  });

  it('lets a listener leave while it is told', () => {
    const stop = new Stop();
    const heard: number[] = [];
    const first = (): void => {
      heard.push(1);
      stop.off(first);
    };
    stop.on(first);
    stop.on(() => heard.push(2));

    stop.abort();

    expect(heard).toEqual([1, 2]);
  });

  it.each(['before', 'after'])('aborts a signal that was asked for %s it', (when) => {
    const stop = new Stop();
    const early = when === 'before' ? stop.signal : null;

    stop.abort('the reader left');

    const signal = early ?? stop.signal;
    expect([signal.aborted, signal.reason]).toEqual([true, 'the reader left']);
    expect(stop.signal).toBe(signal);
  });

  it('is found behind a signal that comes from elsewhere', () => {
    const controller = new AbortController();
    const found = stoppableOf({ signal: controller.signal });
    const heard: string[] = [];
    const leaving = (): void => {
      heard.push('left');
    };
    found.on(() => heard.push('stays'));
    found.on(leaving);
    found.off(leaving);
    expect(found.isStopped).toBe(false);

    controller.abort('over');

    expect(heard).toEqual(['stays']);
    expect(found).toMatchObject({ isStopped: true, reason: 'over' });
  });
});
