/** What the main job prints: progress while it runs, a table at the end. */
import type { Progress } from '@tapekit/sdk/schemas';

/** Where lines go; `isTty` decides whether progress rewrites one line or prints a few. */
export interface Terminal {
  readonly isTty: boolean;
  write(text: string): void;
}

/** Shows where the job stands. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Prints a line above the progress. */
  line(text: string): void;
  end(): void;
}

const barWidth = 24;

/** One rewritten line on a terminal; elsewhere a line per stage and per quarter of it. */
export function createProgressView(terminal: Terminal): ProgressView {
  let shown = '';
  let lastStep = '';
  const clear = (): void => {
    if (terminal.isTty && shown !== '') terminal.write('\r\u001B[2K');
    shown = '';
  };
  return {
    show(progress) {
      if (terminal.isTty) {
        const text = `${bar(progress)} ${progress.message}`;
        if (text === shown) return;
        terminal.write(`\r\u001B[2K${text}`);
        shown = text;
        return;
      }
      const quarter = progress.total ? Math.floor((4 * progress.done) / progress.total) : 0;
      const step = `${progress.stage}/${quarter}`;
      if (step === lastStep) return;
      lastStep = step;
      terminal.write(`${progress.message}\n`);
    },
    line(text) {
      const below = shown;
      clear();
      terminal.write(`${text}\n`);
      if (below !== '') {
        terminal.write(below);
        shown = below;
      }
    },
    end: clear,
  };
}

function bar({ done, total }: Progress): string {
  if (!total) return ' '.repeat(barWidth + 7);
  const share = Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  return `${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${String(Math.floor(share * 100)).padStart(3)} % `;
}

/** Rows of two columns under a title, aligned for reading. */
export interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [label: string, value: string])[];
}

/** The sections as one text table. */
export function formatSections(sections: readonly Section[]): string {
  const width = Math.max(...sections.flatMap(({ rows }) => rows.map(([label]) => label.length)));
  return sections
    .filter(({ rows }) => rows.length > 0)
    .map(({ title, rows }) =>
      [title, '─'.repeat(72), ...rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`)].join('\n'),
    )
    .join('\n\n');
}

/** Digits in groups of three, the fraction untouched: `1234567.8901` → `1,234,567.8901`. */
export function groupDigits(decimal: string | number): string {
  const [whole = '', fraction] = String(decimal).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
