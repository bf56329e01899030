/**
 * Tables that grow with time become hypertables where Timescale is installed in this database, and otherwise tables
 * partitioned by range of time. The table that was there becomes the default partition, so nothing is copied; ranges are
 * split off it by `maintainPartitions`. Foreign keys and triggers move to the parent, which gives them to every partition.
 */
export const partitions = `
create function tapekit_spread_over_time(
  name text, time_column text, segment_by text, order_by text
) returns void language plpgsql as $fn$
declare
  triggers text[];
  foreign_keys text[];
  statement text;
begin
  if exists (select from pg_extension where extname = 'timescaledb') then
    execute format('select create_hypertable(%L, %L, chunk_time_interval => interval ''7 days'', '
      'create_default_indexes => false, if_not_exists => true, migrate_data => true)', name, time_column);
    -- Columns of a key must all be in one of the two.
    execute format('alter table %I set (timescaledb.compress, timescaledb.compress_segmentby = %L, '
      'timescaledb.compress_orderby = %L)', name, segment_by, order_by);
    return;
  end if;
  select array_agg(pg_get_triggerdef(oid)) into triggers from pg_trigger
    where tgrelid = name::regclass and not tgisinternal;
  select array_agg(format('alter table %I add constraint %I %s', name, conname, pg_get_constraintdef(oid)))
    into foreign_keys from pg_constraint where conrelid = name::regclass and contype = 'f';
  for statement in select format('drop trigger %I on %I', tgname, name) from pg_trigger
    where tgrelid = name::regclass and not tgisinternal
  loop
    execute statement;
  end loop;
  execute format('alter table %I rename to %I', name, name || '_rest');
  execute format('create table %I (like %I including all) partition by range (%I)', name, name || '_rest', time_column);
  foreach statement in array coalesce(foreign_keys, '{}') loop
    execute statement;
  end loop;
  execute format('alter table %I attach partition %I default', name, name || '_rest');
  foreach statement in array coalesce(triggers, '{}') loop
    execute statement;
  end loop;
end
$fn$;

select tapekit_spread_over_time('bars', 'start_time', 'symbol, interval_ms', 'start_time');
select tapekit_spread_over_time('bar_revisions', 'start_time', 'symbol, interval_ms', 'start_time, revision');
select tapekit_spread_over_time('orderbook_l1', 'time', 'symbol, source', 'time');
select tapekit_spread_over_time('orderflow_metrics', 'time', 'symbol, source', 'time');
select tapekit_spread_over_time('stock_prices', 'time', 'symbol', 'time');
select tapekit_spread_over_time('stock_price_revisions', 'time', 'symbol', 'time, replaced_at');
select tapekit_spread_over_time('broker_summary', 'time', 'symbol', 'time, broker_code');
select tapekit_spread_over_time('stock_scores', 'time', 'symbol', 'time');
select tapekit_spread_over_time('sentiment_data', 'time', 'symbol, source', 'time, item_id');
select tapekit_spread_over_time('ml_predictions', 'time', 'symbol, model_version', 'time, horizon_days');
select tapekit_spread_over_time('audit_logs', 'time', 'category', 'time, id');
`;
