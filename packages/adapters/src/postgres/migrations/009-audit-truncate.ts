/**
 * An append-only log must not be emptied either. Triggers of a statement stay with the table that they were made for, so
 * each partition gets its own; `maintainPartitions` gives them to those that it makes.
 */
export const auditTruncate = `
create function tapekit_audit_is_never_truncated() returns trigger language plpgsql as $$
begin
  raise exception 'audit_logs is append-only' using errcode = 'restrict_violation';
end
$$;

do $do$
declare
  name regclass;
begin
  for name in
    select 'audit_logs'::regclass union
    select i.inhrelid::regclass from pg_inherits i join pg_class c on c.oid = i.inhparent
      where i.inhparent = 'audit_logs'::regclass and c.relkind = 'p'
  loop
    execute format('create trigger never_truncated before truncate on %s for each statement '
      'execute function tapekit_audit_is_never_truncated()', name);
  end loop;
end
$do$;
`;
