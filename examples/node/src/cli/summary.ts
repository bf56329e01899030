/** The table at the end of the main job: what came out, in the words of the trade. */
import type { ArchiveStatus, Footprint, Metrics, Score } from '@tapekit/sdk/schemas';
import { groupDigits } from './terminal.ts';
import type { Section } from './terminal.ts';

/** Everything that a finished run can say of itself. */
export interface RunResult {
  readonly bars: number;
  readonly lastBar: Footprint | undefined;
  readonly metrics: Metrics;
  readonly archive: ArchiveStatus;
  readonly score: Score;
  /** Wall time of the whole job, milliseconds. */
  readonly elapsedMs: number;
}

/** The sections of the final table. */
export function summarize(result: RunResult): readonly Section[] {
  const { metrics, archive, score, lastBar } = result;
  const { trades, book, input } = metrics;
  const or = (value: string | null, unit = ''): string => (value === null ? 'unknown' : groupDigits(value) + unit);
  const quarantined = Object.entries(input.quarantinedBy).map(([reason, n]) => `${reason} ${groupDigits(n)}`);
  return [
    {
      title: `${metrics.symbol}: the tape`,
      rows: [
        [
          'records',
          `${groupDigits(input.lines)} read, ${groupDigits(input.accepted)} accepted, ${groupDigits(input.quarantined)} quarantined${quarantined.length > 0 ? ` (${quarantined.join(', ')})` : ''}`,
        ],
        ...(input.truncated ? [['INCOMPLETE', 'a gzip stream of the input is cut off or damaged'] as const] : []),
        ...(input.outOfOrder > 0
          ? [
              [
                'OUT OF ORDER',
                `${groupDigits(input.outOfOrder)} records were received before the one ahead of them: are the inputs in order of time?`,
              ] as const,
            ]
          : []),
        [
          'trades',
          `${groupDigits(trades.n)} (${trades.idDuplicates} duplicate, ${trades.late} late, ${trades.lateRejected} too late, ${trades.idGaps} ids missing)`,
        ],
        [
          'volume',
          `${or(trades.volume)} = ${or(trades.buy)} buy + ${or(trades.sell)} sell + ${or(trades.unknown)} unknown`,
        ],
        ['delta / CVD', `${or(trades.delta)} / ${or(metrics.cvd)}`],
        ['VWAP', or(trades.vwap)],
        [
          'POC',
          trades.poc === null
            ? 'unknown'
            : `${or(trades.poc)} with ${or(trades.pocVolume)}, of ${groupDigits(trades.levels)} prices`,
        ],
      ],
    },
    {
      title: 'Flow and book',
      rows: [
        ['OFI (best quotes)', `${or(metrics.ofi.sum)} over ${groupDigits(metrics.ofi.events)} events`],
        ['MLOFI by level', metrics.mlofi.sums.map((sum) => groupDigits(sum)).join('  ')],
        [
          'OBI 1 / 5 / 20',
          [metrics.obi.top1, metrics.obi.top5, metrics.obi.top20].map((value) => short(value)).join(' / '),
        ],
        [
          'VAMP bbo / 5 / 20',
          [metrics.vamp.bbo, metrics.vamp.top5, metrics.vamp.top20].map((value) => short(value)).join(' / '),
        ],
        [
          'book',
          `${book.synced ? 'in sync' : 'OUT OF SYNC'}, ${groupDigits(book.applied)} events applied, ${book.droppedBeforeSnapshot} before the snapshot, ${book.gaps.length === 1 ? '1 gap' : `${book.gaps.length} gaps`}`,
        ],
        [
          'against the quotes',
          `${groupDigits(book.quoteCheck.equal)} equal, ${groupDigits(book.quoteCheck.different)} different`,
        ],
      ],
    },
    {
      title: `Footprints: ${groupDigits(result.bars)} bars`,
      rows: lastBar
        ? [
            [
              'last bar',
              `${new Date(lastBar.t0).toISOString().slice(0, 16).replace('T', ' ')}Z  close ${lastBar.close}  delta ${lastBar.delta}`,
            ],
            ['POC / value area', `${lastBar.poc} / ${lastBar.val} to ${lastBar.vah}`],
          ]
        : [],
    },
    {
      title: `Archive: ${archive.outcome}`,
      rows: archive.cells.map((cell) => [
        cell.date,
        cell.problem ??
          `${cell.state}, generation ${cell.generation}: ${groupDigits(cell.lines)} records, ${megabytes(cell.rawBytes)} → ${megabytes(cell.gzBytes)} (${ratio(cell.rawBytes, cell.gzBytes)}), ${cell.verifiedAtMs === null ? 'NOT VERIFIED' : 'verified'}, ${cell.prunedSources} of ${cell.sources} raw objects pruned`,
      ]),
    },
    {
      title: `Score: ${score.score ?? 'unknown'}${score.signal ? ` (${score.signal})` : ''}, coverage ${Math.round(score.coverage * 100)} %`,
      rows: score.components.map((component) => [
        component.name,
        component.score === null
          ? 'missing'
          : `${component.score.toFixed(1).padStart(5)} × ${component.effectiveWeight.toFixed(2)} = ${component.contribution.toFixed(2).padStart(5)}  ${component.quality}`,
      ]),
    },
  ];
}

function short(value: string | null): string {
  if (value === null) return 'unknown';
  const point = value.indexOf('.');
  return point < 0 ? value : value.slice(0, point + 5);
}

function megabytes(bytes: number): string {
  return bytes >= 100_000 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

function ratio(raw: number, packed: number): string {
  return packed === 0 ? '–' : `${(raw / packed).toFixed(1)}×`;
}
