import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { canonicalDecimal, nonEmpty, requireObject, wholeNumber } from '../internal/values.ts';

/** How the bars of one instrument are counted and cut. */
export interface Instrument {
  readonly symbol: string;
  /** Smallest price step, decimal string. */
  readonly tickSize: string;
  /** Smallest size step, decimal string. */
  readonly lotSize: string;
  /** Footprint row size in ticks. */
  readonly rowTicks: number;
  /** Length of a bar in milliseconds; the interval that bars are read by unless a query names another. */
  readonly intervalMs: number;
}

/** The table of instruments. */
export interface InstrumentsRepository {
  /** Inserts or replaces by symbol. */
  upsert(instrument: Instrument): Promise<void>;
  /** All instruments, by symbol. */
  list(): Promise<readonly Instrument[]>;
  get(symbol: string): Promise<Instrument | undefined>;
}

export function createInstrumentsRepository(sql: PostgresClient): InstrumentsRepository {
  const columns = sql`symbol, trim_scale(tick_size) as "tickSize", trim_scale(lot_size) as "lotSize",
    row_ticks as "rowTicks", interval_ms as "intervalMs"`;
  return {
    upsert: (instrument) =>
      attempt('storing an instrument', async () => {
        requireObject(instrument, 'instrument');
        const symbol = nonEmpty(instrument.symbol, 'symbol');
        await sql`
          insert into instruments (symbol, tick_size, lot_size, row_ticks, interval_ms)
          values (${symbol}, ${canonicalDecimal(instrument.tickSize, 'tickSize')}::text::numeric,
            ${canonicalDecimal(instrument.lotSize, 'lotSize')}::text::numeric,
            ${wholeNumber(instrument.rowTicks, 'rowTicks', 1)}::int,
            ${wholeNumber(instrument.intervalMs, 'intervalMs', 1)}::int)
          on conflict (symbol) do update set tick_size = excluded.tick_size, lot_size = excluded.lot_size,
            row_ticks = excluded.row_ticks, interval_ms = excluded.interval_ms, updated_at = now()
          where (instruments.tick_size, instruments.lot_size, instruments.row_ticks, instruments.interval_ms)
            is distinct from (excluded.tick_size, excluded.lot_size, excluded.row_ticks, excluded.interval_ms)`;
      }),
    list: () =>
      attempt('listing instruments', async () =>
        sql<Instrument[]>`select ${columns} from instruments order by symbol collate "C"`.then(plain),
      ),
    get: (symbol) =>
      attempt(
        'reading an instrument',
        async () =>
          plain(
            await sql<Instrument[]>`select ${columns} from instruments where symbol = ${nonEmpty(symbol, 'symbol')}`,
          )[0],
      ),
  };
}

function plain(rows: readonly Instrument[]): Instrument[] {
  return rows.map((row) => ({ ...row }));
}
