import { describe, expect, test } from 'vitest';
import { ArchiveCell, ArchiveStatus, Progress, Score } from '@tapekit/sdk/schemas';
import { dictionary, preferredLanguage, wordFor } from './i18n.ts';

describe('i18n', () => {
  test('both languages have the same words and none is empty', () => {
    expect(Object.keys(dictionary.id)).toEqual(Object.keys(dictionary.en));
    for (const words of Object.values(dictionary))
      for (const word of Object.values(words)) expect(word.trim()).not.toBe('');
  });

  test('every state that the API can send has a word', () => {
    const lists = {
      state: ArchiveCell.shape.state.options,
      outcome: ArchiveStatus.shape.outcome.options,
      stage: Progress.shape.stage.options,
      signal: Score.shape.signal.def.innerType.options,
    };
    for (const [prefix, values] of Object.entries(lists)) {
      for (const value of values) expect(wordFor(prefix, value), `${prefix} ${value}`).toBeDefined();
    }
    expect(wordFor('state', 'molten')).toBeUndefined();
  });

  test('takes the first language of the list that it speaks', () => {
    expect(preferredLanguage(['id-ID', 'en'])).toBe('id');
    expect(preferredLanguage(['de', 'in', 'en'])).toBe('id');
    expect(preferredLanguage(['en-GB', 'id'])).toBe('en');
    expect(preferredLanguage(['fr'])).toBe('en');
  });
});
