/**
 * Who may do what, and who did. Keys and session tokens are kept as SHA-256 alone: whoever reads the table cannot use
 * them. The audit log is append-only; only partition maintenance may move its rows.
 */
export const accountsAndAudit = `
create table api_keys (
  id text primary key check (id <> ''),
  owner text not null references users (id) on delete cascade,
  name text not null check (name <> ''),
  key_hash text not null unique check (key_hash ~ '^[0-9a-f]{64}$'),
  shown_prefix text not null check (length(shown_prefix) between 1 and 12),
  scopes text[] not null default '{}',
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_keys_by_owner on api_keys (owner);

create table login_sessions (
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  user_id text not null references users (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  revoked_at timestamptz
);
create index login_sessions_by_user on login_sessions (user_id);

create table audit_logs (
  time timestamptz not null,
  id text not null check (id <> ''),
  category text not null check (category <> ''),
  severity text not null check (severity in ('info', 'warning', 'critical')),
  outcome text not null check (outcome in ('success', 'failure', 'denied')),
  action text not null check (action <> ''),
  actor jsonb,
  resource jsonb,
  client jsonb,
  details jsonb,
  primary key (id, time)
);
create index audit_logs_by_time on audit_logs (time desc, id);

create function tapekit_audit_is_append_only() returns trigger language plpgsql as $$
begin
  if current_setting('tapekit.maintenance', true) = 'on' then
    return old;
  end if;
  raise exception 'audit_logs is append-only' using errcode = 'restrict_violation';
end
$$;
create trigger append_only before update or delete on audit_logs
  for each row execute function tapekit_audit_is_append_only();

-- Queues live in the schema of pg-boss; this is what remains of a job when its queue has forgotten it.
create table job_runs (
  id text primary key check (id <> ''),
  source_id text not null check (source_id <> ''),
  command jsonb not null check (jsonb_typeof(command) = 'array'),
  status text not null check (status in ('pending', 'running', 'completed', 'failed', 'cancelled')),
  message text,
  output text[] not null default '{}',
  started_at timestamptz not null,
  finished_at timestamptz check (finished_at >= started_at)
);
create index job_runs_latest on job_runs (source_id, started_at desc);
`;
