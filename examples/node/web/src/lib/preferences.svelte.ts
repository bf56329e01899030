/** The reader's language and theme: from the browser until chosen, then remembered. */
import { dictionary, type Language, preferredLanguage, type Word } from './i18n.ts';

/** `system` follows the operating system. */
export type Theme = 'system' | 'light' | 'dark';

function stored(key: string): string | null {
  try {
    return localStorage.getItem(`tapekit.${key}`);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(`tapekit.${key}`, value);
  } catch {
    // As above.
  }
}

/** The preferences of this browser. */
export class Preferences {
  language = $state<Language>('en');
  theme = $state<Theme>('system');
  #systemDark = $state(false);

  constructor() {
    const language = stored('language');
    this.language = language === 'id' || language === 'en' ? language : preferredLanguage(navigator.languages);
    const theme = stored('theme');
    if (theme === 'light' || theme === 'dark') this.theme = theme;
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemDark = query.matches;
    query.addEventListener('change', ({ matches }) => (this.#systemDark = matches));
  }

  /** What is drawn: the chosen theme, or the system's. */
  get shownTheme(): 'light' | 'dark' {
    return this.theme === 'system' ? (this.#systemDark ? 'dark' : 'light') : this.theme;
  }

  setLanguage(language: Language): void {
    this.language = language;
    store('language', language);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    store('theme', theme);
  }

  /** The word in the reader's language. */
  t = (word: Word): string => dictionary[this.language][word];
}

/** The one instance of the page. */
export const preferences = new Preferences();
