/**
 * Listed companies and what a venue publishes of them by day. Every table has the key by which its records are the same
 * record, so that reading a source twice doubles nothing; keys with parts that may be unknown take two unknowns as equal
 * (`nulls not distinct`). Shares are `numeric` without decimals, money is rupiah unless a column names a currency.
 */
export const stocksAndBrokers = `
create table stocks (
  symbol text primary key check (symbol <> ''),
  name text not null check (name <> ''),
  sector text,
  subsector text,
  board text,
  listing_date date,
  market_cap numeric check (market_cap >= 0 and market_cap < 'Infinity'),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index stocks_by_sector on stocks (sector, symbol);

create table stock_prices (
  time timestamptz not null,
  symbol text not null references stocks,
  open numeric not null,
  high numeric not null,
  low numeric not null,
  close numeric not null,
  previous numeric check (previous > 0 and previous < 'Infinity'),
  volume numeric not null check (volume >= 0 and volume < 'Infinity'),
  value numeric check (value >= 0 and value < 'Infinity'),
  frequency bigint check (frequency >= 0),
  source text not null check (source <> ''),
  final boolean not null,
  stored_at timestamptz not null default now(),
  primary key (symbol, time),
  constraint stock_prices_range_holds_open_and_close check (
    low > '-Infinity' and low <= least(open, close) and high >= greatest(open, close) and high < 'Infinity'
  )
);
create index stock_prices_by_time on stock_prices (time desc, symbol);

-- What a final day was before its source corrected it.
create table stock_price_revisions (
  like stock_prices including defaults,
  replaced_at timestamptz not null,
  primary key (symbol, time, replaced_at)
);

create function tapekit_keep_stock_price() returns trigger language plpgsql as $$
begin
  insert into stock_price_revisions (
    time, symbol, open, high, low, close, previous, volume, value, frequency, source, final, stored_at, replaced_at
  ) values (
    old.time, old.symbol, old.open, old.high, old.low, old.close, old.previous, old.volume, old.value, old.frequency,
    old.source, old.final, old.stored_at,
    -- Two corrections within a millisecond, or a clock that went back, still come one after the other.
    greatest(date_trunc('milliseconds', clock_timestamp()), (
      select max(replaced_at) + interval '1 millisecond' from stock_price_revisions
      where symbol = old.symbol and time = old.time
    ))
  );
  return new;
end
$$;
create trigger keep_stock_price before update on stock_prices
  for each row when (old.final) execute function tapekit_keep_stock_price();

create table brokers (
  code text primary key check (code ~ '^[A-Z0-9]{2,4}$'),
  name text not null check (name <> ''),
  license text,
  updated_at timestamptz not null default now()
);

-- What a broker is taken for is an opinion with a date and a source, so several may stand beside each other.
create table broker_classes (
  code text not null check (code ~ '^[A-Z0-9]{2,4}$'),
  valid_from date not null,
  provenance text not null check (provenance <> ''),
  ownership text check (ownership in ('foreign', 'state', 'local')),
  clientele text check (clientele in ('retail', 'institution', 'mixed')),
  weight numeric check (weight >= 0 and weight <= 1),
  primary key (code, valid_from, provenance)
);

create table broker_summary (
  time timestamptz not null,
  symbol text not null references stocks,
  broker_code text not null check (broker_code <> ''),
  buy_volume numeric not null check (buy_volume >= 0 and buy_volume < 'Infinity'),
  sell_volume numeric not null check (sell_volume >= 0 and sell_volume < 'Infinity'),
  buy_value numeric not null check (buy_value >= 0 and buy_value < 'Infinity'),
  sell_value numeric not null check (sell_value >= 0 and sell_value < 'Infinity'),
  net_volume numeric generated always as (buy_volume - sell_volume) stored,
  net_value numeric generated always as (buy_value - sell_value) stored,
  source text not null check (source <> ''),
  primary key (symbol, time, broker_code)
);
create index broker_summary_by_broker on broker_summary (broker_code, time desc);

create table financials (
  symbol text not null references stocks,
  period_end date not null,
  revenue numeric, net_income numeric, total_assets numeric, total_equity numeric, total_debt numeric, ebitda numeric,
  free_cash_flow numeric, eps numeric, book_value_per_share numeric, pe_ratio numeric, pb_ratio numeric,
  ev_ebitda numeric,
  roe_fraction numeric, roa_fraction numeric,
  source text not null check (source <> ''),
  primary key (symbol, period_end)
);

create table shareholdings (
  symbol text not null references stocks,
  reported_date date not null,
  shareholder_name text not null check (shareholder_name <> ''),
  shareholder_type text not null check (shareholder_type in ('insider', 'institution', 'public')),
  shares_held numeric not null check (shares_held >= 0 and shares_held < 'Infinity'),
  percentage numeric check (percentage >= 0 and percentage <= 100),
  change_shares numeric,
  change_percentage numeric,
  primary key (symbol, reported_date, shareholder_name, shareholder_type)
);

create table company_profiles (
  symbol text primary key references stocks,
  description text,
  business_summary text,
  website text,
  employee_count integer check (employee_count >= 0),
  headquarters text,
  updated_at timestamptz not null default now()
);

create table subsidiaries (
  parent_symbol text not null references stocks (symbol),
  name text not null check (name <> ''),
  ownership_percent numeric check (ownership_percent >= 0 and ownership_percent <= 100),
  business_type text,
  is_consolidated boolean,
  primary key (parent_symbol, name)
);

create table corporate_actions (
  id bigint generated always as identity primary key,
  symbol text not null references stocks,
  action_type text not null check (action_type <> ''),
  announced_date date,
  effective_date date,
  ex_date date,
  description text,
  value numeric,
  status text not null check (status <> ''),
  source_url text,
  unique nulls not distinct (symbol, action_type, announced_date, effective_date, ex_date)
);

create table stock_news (
  id bigint generated always as identity primary key,
  symbol text references stocks,
  published_at timestamptz not null,
  source text not null check (source <> ''),
  title text not null check (title <> ''),
  summary text,
  url text,
  sentiment text,
  keywords text[] not null default '{}',
  unique nulls not distinct (symbol, published_at, source, title)
);
create index stock_news_by_time on stock_news (published_at desc);
`;
