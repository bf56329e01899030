/** Best quotes and flow metrics over time. An absent side of a quote, or an unknown metric, is null, never 0. */
export const quotesAndFlow = `
create table orderbook_l1 (
  time timestamptz not null,
  symbol text not null check (symbol <> ''),
  bid_price numeric check (bid_price > '-Infinity' and bid_price < 'Infinity'),
  bid_size numeric check (bid_size >= 0 and bid_size < 'Infinity'),
  ask_price numeric check (ask_price > '-Infinity' and ask_price < 'Infinity'),
  ask_size numeric check (ask_size >= 0 and ask_size < 'Infinity'),
  source text not null check (source <> ''),
  primary key (symbol, time, source)
);

create table orderflow_metrics (
  time timestamptz not null,
  symbol text not null check (symbol <> ''),
  obi numeric check (obi >= -1 and obi <= 1),
  ofi numeric check (ofi > '-Infinity' and ofi < 'Infinity'),
  ofi_cumulative numeric check (ofi_cumulative > '-Infinity' and ofi_cumulative < 'Infinity'),
  vamp numeric check (vamp > '-Infinity' and vamp < 'Infinity'),
  source text not null check (source <> ''),
  primary key (symbol, time, source)
);
`;
