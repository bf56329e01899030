/** Documents with the columns that they are looked up by. A score before the first bar is as of '-infinity'. */
export const sessionsScoresArchive = `
create table sessions (
  id text primary key check (id <> ''),
  symbol text not null check (symbol <> ''),
  started_at timestamptz not null,
  finished_at timestamptz check (finished_at >= started_at),
  outcome text not null check (outcome <> ''),
  input jsonb not null check (jsonb_typeof(input) = 'object'),
  metrics jsonb check (jsonb_typeof(metrics) = 'object')
);
create index sessions_latest on sessions (symbol, started_at desc, id desc);

create table scores (
  symbol text not null check (symbol <> ''),
  as_of timestamptz not null,
  score numeric check (score >= 0 and score <= 100),
  signal text,
  coverage numeric not null check (coverage >= 0 and coverage <= 1),
  breakdown jsonb not null check (jsonb_typeof(breakdown) = 'object'),
  stored_at timestamptz not null default now(),
  primary key (symbol, as_of)
);

create table archive_reports (
  id text primary key check (id <> ''),
  finished_at timestamptz not null,
  report jsonb not null check (jsonb_typeof(report) = 'object')
);
create index archive_reports_latest on archive_reports (finished_at desc, id desc);
`;
