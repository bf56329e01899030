import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSseParser } from './sse-parser.ts';

const parse = (...pieces: string[]) => {
  const parser = createSseParser();
  const messages = pieces.flatMap((piece) => parser.push(piece));
  return { messages, lastEventId: parser.lastEventId(), retryMs: parser.retryMs(), pending: parser.pending() };
};
const data = (...pieces: string[]) => parse(...pieces).messages.map((message) => message.data);

describe('an event stream', () => {
  test('joins the data lines of one message with line feeds', () => {
    expect(data('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual(['YHOO\n+2\n10']);
  });

  test('keeps the id until another one comes, and an empty id clears it', () => {
    const stream = ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n';
    expect(parse(stream).messages).toEqual([
      { id: '1', event: 'message', data: 'first event' },
      { id: '', event: 'message', data: 'second event' },
      { id: '', event: 'message', data: ' third event' },
    ]);
    expect(parse('id: 7\ndata: a\n\ndata: b\n\n').messages.map(({ id }) => id)).toEqual(['7', '7']);
  });

  test('delivers an empty data line, and discards a block that has no end', () => {
    expect(data('data\n\ndata\ndata\n\ndata:')).toEqual(['', '\n']);
  });

  test('removes one space after the colon, and only one', () => {
    expect(data('data:test\n\ndata: test\n\ndata:  test\n\n')).toEqual(['test', 'test', ' test']);
  });

  test('ends lines at CR, LF and CRLF, also when the cut falls inside a CRLF', () => {
    expect(data('data: a\r\rdata: b\n\ndata: c\r\n\r\n')).toEqual(['a', 'b', 'c']);
    expect(data('data: a\r', '\ndata: b\r', '\n\r', '\n')).toEqual(['a\nb']);
    expect(data('data: a\r', '', '\n\r\n')).toEqual(['a']);
  });

  test('skips comments, unknown fields and a byte order mark at the start only', () => {
    expect(data('\uFEFFdata: a\n: comment\nfoo: bar\n\n')).toEqual(['a']);
    expect(data('data: a\n\n\uFEFFdata: b\n\n')).toEqual(['a']);
  });

  test('names the event for one message', () => {
    expect(parse('event: add\ndata: 1\n\ndata: 2\n\n').messages.map(({ event }) => event)).toEqual(['add', 'message']);
    expect(parse('event: add\n\ndata: 2\n\n').messages.map(({ event }) => event)).toEqual(['message']);
  });

  test('takes the id of a block without data: that is how a server says where a stream starts', () => {
    expect(parse('id: 41\n\n')).toMatchObject({ messages: [], lastEventId: '41' });
    expect(parse('id: 41\n').lastEventId).toBeUndefined();
    expect(parse('id: 4\0\n\n').lastEventId).toBeUndefined();
  });

  test('takes a retry of digits and no other', () => {
    expect(parse('retry: 2500\n\n').retryMs).toBe(2500);
    expect(parse('retry: 2.5\n\nretry: -1\n\nretry\n\n').retryMs).toBeUndefined();
  });

  test('counts what it holds back', () => {
    expect(parse('data: 12345').pending).toBe(11);
    expect(parse('data: 12345\nda').pending).toBe(8);
    expect(parse('data: 12345\n\n').pending).toBe(0);
  });

  test('reads the same however the text is cut', () => {
    const line = fc.constantFrom('data: é', 'data', 'id: 3', 'event: bar', ': note', 'retry: 10', 'nonsense', '', '');
    const end = fc.constantFrom('\n', '\r', '\r\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), fc.array(fc.nat(200), { maxLength: 12 }), (lines, cuts) => {
        const text = lines.flat().join('');
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const pieces = at.slice(1).map((to, index) => text.slice(at[index], to));
        expect(parse(...pieces)).toEqual(parse(text));
      }),
    );
  });
});
