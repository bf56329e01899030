import { describe, expect, test } from 'vitest';
import type { Progress } from '@tapekit/sdk/schemas';
import { createProgressView, formatSections, groupDigits } from './terminal.ts';

const at = (done: number, message: string): Progress => ({ stage: 'replay', done, total: 100, unit: 'bytes', message });

function written(isTty: boolean, show: (view: ReturnType<typeof createProgressView>) => void): string {
  let text = '';
  show(createProgressView({ isTty, write: (part) => (text += part) }));
  return text;
}

describe('createProgressView', () => {
  test('rewrites one line on a terminal and leaves none behind', () => {
    const text = written(true, (view) => {
      view.show(at(50, 'half'));
      view.end();
    });
    expect(text).toBe(`\r\u001B[2K${'█'.repeat(12)}${'░'.repeat(12)}  50 %  half\r\u001B[2K`);
  });

  test('prints a line above the progress and the progress again', () => {
    const text = written(true, (view) => {
      view.show(at(0, 'go'));
      view.line('news');
    });
    expect(text.endsWith(`news\n${'░'.repeat(24)}   0 %  go`)).toBe(true);
  });

  test('prints a line per quarter where nothing can be rewritten', () => {
    const text = written(false, (view) => {
      for (const done of [0, 10, 24, 25, 26, 80, 100]) view.show(at(done, `at ${done}`));
    });
    expect(text).toBe('at 0\nat 25\nat 80\nat 100\n');
  });
});

test('groupDigits groups the whole part and leaves the fraction', () => {
  expect(groupDigits('-1234567.8901')).toBe('-1,234,567.8901');
  expect(groupDigits('123')).toBe('123');
  expect(groupDigits(1000)).toBe('1,000');
});

test('formatSections aligns the values and leaves out empty sections', () => {
  const text = formatSections([
    { title: 'One', rows: [['a', '1'], ['long', '2']] }, // prettier-ignore
    { title: 'Empty', rows: [] },
  ]);
  expect(text.split('\n')).toEqual(['One', '─'.repeat(72), '  a     1', '  long  2']);
});
