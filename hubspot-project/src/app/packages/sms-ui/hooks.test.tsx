/** The two hooks alone: which answers count, and when polling stops. */
import { ApiError } from '@connector/api';
import { pending, renderer, settled } from '@connector/api/testing';
import { Button, Text } from '@hubspot/ui-extensions';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RemoteView } from './RemoteView';
import { nextWaitMs, usePolling } from './usePolling';
import { useRemote } from './useRemote';

function View({ load }: { load: () => Promise<string> }) {
  const control = useRemote(load);
  return (
    <>
      <RemoteView
        control={control}
        loadingLabel="…"
        errorTitle="!"
        isEmpty={(data) => data === ''}
        empty={<Text>nothing</Text>}
      >
        {(data) => <Text>{data}</Text>}
      </RemoteView>
      <Button onClick={() => void control.refresh()}>refresh</Button>
      <Button onClick={() => control.update((data) => `${data}+`)}>update</Button>
    </>
  );
}

/** Calls that the test answers one by one, in any order. */
function calls() {
  const open: ReturnType<typeof pending<string>>[] = [];
  const load = () => {
    const call = pending<string>();
    open.push(call);
    return call.answer.then((answer) => {
      if (answer instanceof ApiError) throw answer;
      return answer;
    });
  };
  return { open, load };
}

describe('useRemote', () => {
  it('drops an answer that a newer question has overtaken', async () => {
    const { open, load } = calls();
    const view = renderer('settings', 'en');
    view.render(<View load={load} />);
    view.find(Button, (button) => button.text === 'refresh').trigger('onClick');
    open[1]?.give('new');
    await view.waitFor(() => expect(view.seen()).toContain('new'));
    open[0]?.give('old');
    await settled();
    expect(view.seen()).toContain('new');
    expect(view.seen()).not.toContain('old');
  });

  it('drops an answer that does not know what the view has put in meanwhile', async () => {
    const { open, load } = calls();
    const view = renderer('settings', 'en');
    view.render(<View load={load} />);
    open[0]?.give('first');
    await view.waitFor(() => expect(view.seen()).toContain('first'));
    view.find(Button, (button) => button.text === 'refresh').trigger('onClick');
    view.find(Button, (button) => button.text === 'update').trigger('onClick');
    open[1]?.give('late');
    await settled();
    expect(view.seen()).toContain('first+');
    expect(view.seen()).not.toContain('late');
  });

  it('keeps what it has when a refresh fails, and says that it may be old', async () => {
    const { open, load } = calls();
    const view = renderer('settings', 'en');
    view.render(<View load={load} />);
    open[0]?.give('first');
    await view.waitFor(() => expect(view.seen()).toContain('first'));
    view.find(Button, (button) => button.text === 'refresh').trigger('onClick');
    open[1]?.give(new ApiError('unreachable'));
    await view.waitFor(() => expect(view.seen()).toContain('The last refresh failed'));
    expect(view.seen()).toContain('first');
  });

  it('shows what an empty answer means', async () => {
    const { open, load } = calls();
    const view = renderer('settings', 'en');
    view.render(<View load={load} />);
    open[0]?.give('');
    await view.waitFor(() => expect(view.seen()).toContain('nothing'));
  });
});

function Poll({ active, ask }: { active: boolean; ask: () => Promise<void> }) {
  usePolling(active, 'message', ask);
  return <Text>polling</Text>;
}

describe('usePolling', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits longer the longer it has waited', () => {
    expect(nextWaitMs(0)).toBe(2_000);
    expect(nextWaitMs(20_000)).toBe(2_000);
    expect(nextWaitMs(60_000)).toBe(6_000);
    expect(nextWaitMs(86_400_000)).toBe(120_000);
  });

  it('asks again only when the last question has been answered', async () => {
    const slow = pending<null>();
    const ask = vi.fn(() => slow.answer.then(() => undefined));
    const view = renderer('settings');
    view.render(<Poll active ask={ask} />);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ask).toHaveBeenCalledTimes(1);
    slow.give(null);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('never starts when nothing is under way', async () => {
    const ask = vi.fn(async () => undefined);
    renderer('settings').render(<Poll active={false} ask={ask} />);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ask).not.toHaveBeenCalled();
  });
});
