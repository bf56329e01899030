/** Progress of a run on standard error: one line that is rewritten on a terminal, a line a cell elsewhere. */
import type { HousecleaningEvent } from '@tapekit/housecleaning/housecleaning';

/** Where progress goes. */
export interface ProgressOutput {
  readonly isTty: boolean;
  readonly write: (text: string) => void;
}

/** Shows events; `end` takes the line away. */
export interface ProgressBar {
  readonly show: (event: HousecleaningEvent) => void;
  readonly end: () => void;
}

const width = 24;
const clearLine = '\r\u001B[2K';

export function createProgressBar({ isTty, write }: ProgressOutput): ProgressBar {
  let cells = 0;
  let finished = 0;
  let shown = '';
  const draw = (share: number, text: string): void => {
    const line = `${barOf((finished + share) / Math.max(1, cells))} ${finished}/${cells} ${text}`;
    if (!isTty || line === shown) return;
    write(`${clearLine}${line}`);
    shown = line;
  };
  const end = (): void => {
    if (shown !== '') write(clearLine);
    shown = '';
  };
  return {
    end,
    show(event) {
      switch (event.type) {
        case 'run-started':
          cells = event.cells;
          finished = 0;
          return;
        case 'step':
          draw(0, `${event.cell.symbol}/${event.cell.date} ${event.step} ${event.done}/${event.total}`);
          return;
        case 'cell-finished': {
          finished += 1;
          const { symbol, date, state, problem } = event.report;
          const healing = event.report.healed ? ', healed' : '';
          if (isTty) draw(0, `${symbol}/${date} ${state}${healing}`);
          else
            write(
              `${finished}/${event.cells} ${symbol}/${date} ${state}${healing}${problem === null ? '' : `: ${problem}`}\n`,
            );
          return;
        }
        default:
      }
    },
  };
}

function barOf(share: number): string {
  const filled = Math.round(Math.min(1, share) * width);
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
}
