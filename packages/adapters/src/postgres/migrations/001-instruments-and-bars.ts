/**
 * Prices and sizes are `numeric`: exact, whatever the grid. The checks hold what every bar must: volume is the sum of
 * its three columns, delta their difference, and no price is NaN or infinite.
 */
export const instrumentsAndBars = `
create table instruments (
  symbol text primary key check (symbol <> ''),
  tick_size numeric not null check (tick_size > 0 and tick_size < 'Infinity'),
  lot_size numeric not null check (lot_size > 0 and lot_size < 'Infinity'),
  row_ticks integer not null check (row_ticks > 0),
  interval_ms integer not null check (interval_ms > 0),
  updated_at timestamptz not null default now()
);

create table bars (
  symbol text not null check (symbol <> ''),
  interval_ms integer not null check (interval_ms > 0),
  start_time timestamptz not null,
  end_time timestamptz not null,
  revision integer not null check (revision >= 0),
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  volume numeric not null,
  buy numeric not null,
  sell numeric not null,
  unknown numeric not null,
  delta numeric not null,
  min_delta numeric not null,
  max_delta numeric not null,
  trades bigint not null,
  vwap numeric not null,
  poc numeric not null,
  vah numeric not null,
  val numeric not null,
  footprint jsonb not null,
  stored_at timestamptz not null default now(),
  primary key (symbol, interval_ms, start_time),
  constraint bars_time_is_forward check (end_time > start_time),
  constraint bars_range_holds_open_and_close check (
    low > '-Infinity' and low <= least(open, close) and high >= greatest(open, close) and high < 'Infinity'
  ),
  constraint bars_volume_is_its_parts check (
    buy >= 0 and sell >= 0 and unknown >= 0 and volume = buy + sell + unknown and volume < 'Infinity'
  ),
  constraint bars_delta_is_buy_minus_sell check (delta = buy - sell),
  constraint bars_delta_starts_at_zero check (min_delta <= least(0, delta) and max_delta >= greatest(0, delta)),
  constraint bars_counts_trades check (trades >= 0)
);

-- What a bar was before a later revision replaced it.
create table bar_revisions (
  like bars,
  replaced_at timestamptz not null default now(),
  primary key (symbol, interval_ms, start_time, revision)
);

create function tapekit_keep_bar_revision() returns trigger language plpgsql as $$
begin
  insert into bar_revisions (
    symbol, interval_ms, start_time, end_time, revision, open, high, low, close, volume, buy, sell, unknown,
    delta, min_delta, max_delta, trades, vwap, poc, vah, val, footprint, stored_at
  ) values (
    old.symbol, old.interval_ms, old.start_time, old.end_time, old.revision, old.open, old.high, old.low, old.close,
    old.volume, old.buy, old.sell, old.unknown, old.delta, old.min_delta, old.max_delta, old.trades, old.vwap,
    old.poc, old.vah, old.val, old.footprint, old.stored_at
  ) on conflict do nothing;
  return new;
end
$$;

create trigger keep_bar_revision before update on bars
  for each row when (new.revision > old.revision) execute function tapekit_keep_bar_revision();
`;
