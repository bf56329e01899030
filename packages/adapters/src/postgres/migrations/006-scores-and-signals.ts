/** Scores by component, what fed them, and what a user watches. A component that is not known is null, never 50. */
export const scoresAndSignals = `
create table stock_scores (
  time timestamptz not null,
  symbol text not null references stocks,
  composite_score numeric check (composite_score >= 0 and composite_score <= 100),
  technical_score numeric check (technical_score >= 0 and technical_score <= 100),
  fundamental_score numeric check (fundamental_score >= 0 and fundamental_score <= 100),
  sentiment_score numeric check (sentiment_score >= 0 and sentiment_score <= 100),
  ml_score numeric check (ml_score >= 0 and ml_score <= 100),
  coverage numeric not null check (coverage >= 0 and coverage <= 1),
  technical_breakdown jsonb,
  fundamental_breakdown jsonb,
  sentiment_breakdown jsonb,
  ml_breakdown jsonb,
  primary key (symbol, time)
);
create index stock_scores_best on stock_scores (time desc, composite_score desc nulls last);

create table sentiment_data (
  time timestamptz not null,
  symbol text not null references stocks,
  source text not null check (source <> ''),
  item_id text not null check (item_id <> ''),
  text_snippet text,
  sentiment text not null check (sentiment in ('positive', 'neutral', 'negative')),
  confidence numeric not null check (confidence >= 0 and confidence <= 1),
  primary key (symbol, time, source, item_id)
);

create table ml_predictions (
  time timestamptz not null,
  symbol text not null references stocks,
  model_version text not null check (model_version <> ''),
  horizon_days integer not null check (horizon_days > 0),
  direction text not null check (direction in ('up', 'down', 'sideways')),
  confidence numeric not null check (confidence >= 0 and confidence <= 1),
  primary key (symbol, time, model_version, horizon_days)
);

create table users (
  id text primary key check (id <> ''),
  username text not null check (username <> ''),
  -- A PHC string of a slow hash with its salt; a plain password does not fit.
  password_hash text not null check (password_hash ~ '^\\$(argon2id|scrypt|pbkdf2-sha(256|512))\\$.+\\$.+'),
  role text not null check (role in ('admin', 'member', 'viewer')),
  created_at timestamptz not null,
  disabled_at timestamptz
);
create unique index users_by_name on users (lower(username));

create table watchlist (
  owner text not null check (owner <> ''),
  symbol text not null references stocks,
  sort_order integer not null default 0,
  notes text,
  added_at timestamptz not null,
  primary key (owner, symbol)
);

create table alerts (
  id text primary key check (id <> ''),
  owner text not null check (owner <> ''),
  symbol text references stocks,
  alert_type text not null check (alert_type <> ''),
  condition jsonb not null check (jsonb_typeof(condition) = 'object'),
  is_active boolean not null,
  last_triggered_at timestamptz,
  created_at timestamptz not null
);
create index alerts_active on alerts (symbol, alert_type) where is_active;

create table alert_history (
  alert_id text not null references alerts on delete cascade,
  triggered_at timestamptz not null,
  trigger_value jsonb not null,
  notification_sent boolean not null,
  primary key (alert_id, triggered_at)
);

create table settings (
  owner text not null check (owner <> ''),
  name text not null check (name <> ''),
  value jsonb not null check (jsonb_typeof(value) = 'object'),
  updated_at timestamptz not null default now(),
  primary key (owner, name)
);
`;
