/** Statements beside flights and loads: fences and journals, timers, queues, sweeps. */
import type { SqlStatement } from '../../ports/sql-database.ts';
import { resourceColumns } from './rows.ts';

export const readDeployment: SqlStatement = {
  name: 'read_deployment',
  text: 'select gen, requests, outbound, dead_letters, parts, outs from deployment order by gen desc limit 1',
};

export const readCses: SqlStatement = { name: 'read_cses', text: 'select no, id, settings from cse order by no' };

export const createFence: SqlStatement = {
  name: 'create_fence',
  text: `insert into fence (gen, part, next, version, batch, emitted, log_time, last_timestamp)
    values ($1::int, $2::int, 0, 0, '', 0, 0, 0)
    on conflict do nothing`,
};

export const readFence: SqlStatement = {
  name: 'read_fence',
  text: `select next, version, batch, emitted, log_time, last_timestamp from fence
    where gen = $1::int and part = $2::int
    for update`,
};

export const readWindow: SqlStatement = {
  name: 'read_window',
  text: `select version, at, keys, refs::text from journal
    where gen = $1::int and part = $2::int and at >= $3::bigint
    order by version`,
};

export const readUnemitted: SqlStatement = {
  name: 'read_unemitted',
  text: `select version, at, keys, refs::text, out from journal
    where gen = $1::int and part = $2::int and version > $3::bigint
    order by version
    limit $4::int`,
};

export const readOut: SqlStatement = {
  name: 'read_out',
  text: 'select out from journal where gen = $1::int and part = $2::int and version = $3::bigint',
};

/** Rows whose keys hold the wanted one somewhere; whether at the beginning of an entry is for the caller to see. */
export const findKey: SqlStatement = {
  name: 'find_key',
  text: `select version, keys, refs::text from journal
    where gen = $1::int and part = $2::int and at >= $3::bigint and position($4::bytea in keys) > 0
    order by version`,
};

export const readFences: SqlStatement = {
  name: 'read_fences',
  text: `select part, next, version, batch, emitted, log_time, last_timestamp from fence
    where gen = $1::int
    order by part`,
};

/** In all slots: those of other hours than the last few are empty, or hold what came late. */
export const findInJournal: SqlStatement = {
  name: 'find_in_journal',
  text: `select part, version, at, out from journal
    where gen = $1::int and at >= $2::bigint and position($3::bytea in out) > 0
    order by at desc, version desc
    limit $4::int`,
};

export const readSeen: SqlStatement = {
  name: 'read_seen',
  text: 'select source, version, idx from seen where gen = $1::int and part = $2::int order by source',
};

const shardsOf = 'generate_series($1::int, $3::int - 1, $2::int) s (shard)';

export const readDue: SqlStatement = {
  name: 'read_due',
  text: `select d.shard, d.cse, d.kind, d.id, d.at
    from ${shardsOf}
    cross join lateral (
      select * from due x where x.shard = s.shard and x.at <= $4::bigint order by x.at, x.cse, x.kind, x.id limit $5::int
    ) d
    order by d.at, d.shard, d.cse, d.kind, d.id
    limit $5::int`,
};

export const readNextDue: SqlStatement = {
  name: 'read_next_due',
  text: `select min(d.at)
    from ${shardsOf}
    cross join lateral (select x.at from due x where x.shard = s.shard order by x.at limit 1) d`,
};

export const readExchanges: SqlStatement = {
  name: 'read_exchanges',
  text: `select e.shard, e.cse, e.id, e.request, e.state
    from ${shardsOf}
    join exchange e on e.shard = s.shard
    order by e.cse, e.id`,
};

export const readTargets: SqlStatement = {
  name: 'read_targets',
  text: `select t.shard, t.cse, t.sub, t.target, t.address, t.next, t.sent, t.acked, t.fails, t.retry_at, t.dropped
    from unnest($1::int[], $2::int[], $3::int[], $4::text[]) n (ord, shard, cse, sub)
    join delivery_target t on t.shard = n.shard and t.cse = n.cse and t.sub = n.sub
    order by n.ord, t.target`,
};

export const readNotes: SqlStatement = {
  name: 'read_notes',
  text: `select t.shard, t.cse, t.sub, t.target, d.n, d.rqi, d.at, d.content, d.counts, d.arrived, d.trace
    from unnest($1::int[], $2::int[], $3::int[], $4::text[]) n (ord, shard, cse, sub)
    join delivery_target t on t.shard = n.shard and t.cse = n.cse and t.sub = n.sub
    cross join lateral (
      select * from delivery_note x
      where x.shard = t.shard and x.cse = t.cse and x.sub = t.sub and x.target = t.target and x.n >= t.acked
      order by x.n
      limit $5::int
    ) d
    order by n.ord, t.target, d.n`,
};

/**
 * Rows under the marks of a resource, marks inside of marks too: instances first, they have no children, then the rest deepest
 * first; at the end the marked rows themselves. What an AE that came back has below it is younger than the mark. In front of the
 * columns of a resource its depth below the mark.
 */
export const sweepMarked: SqlStatement = {
  name: 'sweep_marked',
  text: `with recursive mark as (
      select d.*, coalesce(lag(d.until) over (order by d.until), -9e15::bigint) as since
      from dead d
      where d.shard = $1::int and d.cse = $2::int and d.ri = $3::text
    ), skeleton as (
      select m.shard, m.cse, m.ri, m.ty, m.ver, m.since, m.until, 0 as depth from mark m
      union all
      select s.shard, s.cse, c.ri, c.ty, c.ver, s.since, s.until, s.depth + 1
      from skeleton s
      cross join lateral (
        select r.ri, r.ty, r.ver from resource r
        where r.shard = s.shard and r.cse = s.cse and r.pi = s.ri and r.ty <> 4 and r.ver > s.since and r.ver <= s.until
        union all
        select d.ri, d.ty, d.ver from dead d
        where d.shard = s.shard and d.cse = s.cse and d.pi = s.ri and d.ver > s.since and d.ver <= s.until
      ) c
    ), portion as (
      (
        select i.shard, i.cse, i.ri, i.ver, s.depth + 1 as depth
        from skeleton s
        join resource i on i.shard = s.shard and i.cse = s.cse and i.pi = s.ri and i.ty = 4 and i.ver <= s.until
        where s.ty = 3
        limit $4::int
      )
      union all
      (
        select s.shard, s.cse, s.ri, s.ver, s.depth from skeleton s
        where s.depth > 0
        order by s.depth desc
        limit $4::int
      )
    )
    select p.depth, r.*
    from (select * from portion limit $4::int) p
    cross join lateral (
      select ${resourceColumns('x')} from resource x
      where x.shard = p.shard and x.cse = p.cse and x.ri = p.ri and x.ver = p.ver
      union all
      select ${resourceColumns('d')} from dead d
      where d.shard = p.shard and d.cse = p.cse and d.ri = p.ri and d.ver = p.ver
    ) r
    union all
    select 0, ${resourceColumns('m')} from mark m
    order by depth desc, ri`,
};

export const sweepEvicted: SqlStatement = {
  name: 'sweep_evicted',
  text: `select ${resourceColumns('r')}
    from stat s
    join resource r on r.shard = s.shard and r.cse = s.cse and r.pi = s.ri and r.ty = 4 and r.seq < s.low_seq
    where s.shard = $1::int and s.cse = $2::int and s.ri = $3::text
    order by r.seq
    limit $4::int`,
};

export const readRow: SqlStatement = {
  name: 'read_row',
  text: `select ${resourceColumns('r')} from resource r where r.shard = $1::int and r.cse = $2::int and r.ri = $3::text`,
};

/** Rows of a part of the journal that must stay: young, or not emitted. Within a partition `at` never goes back. */
export const countKept: SqlStatement = {
  name: 'count_kept',
  text: `select count(*), count(*) filter (where j.at >= $2::bigint or j.version > f.emitted)
    from fence f
    cross join lateral (
      select x.at, x.version from journal x
      where x.slot = $1::smallint and x.gen = f.gen and x.part = f.part
      order by x.version desc
      limit 1
    ) j`,
};

export const lockCses: SqlStatement = { name: '', text: 'lock table cse in share row exclusive mode' };

export const putCse: SqlStatement = {
  name: 'put_cse',
  text: `insert into cse (no, id, settings) values ($1::int, $2::text, $3::text)
    on conflict (no) do update set settings = excluded.settings`,
};

/** What of a CSEBase a changed description changes. */
export const renewBase: SqlStatement = {
  name: 'renew_base',
  text: `update resource set ver = $4::bigint, acpi = $5::text[], body = $6::text
    where shard = $1::int and cse = $2::int and ri = $3::text`,
};

export const putDeployment: SqlStatement = {
  name: 'put_deployment',
  text: `insert into deployment (gen, requests, outbound, dead_letters, parts, outs)
    select $1::int, $2::text, $3::text, $4::text, $5::int, $6::int
    where not exists (select 1 from deployment)
    on conflict do nothing`,
};

export const ping: SqlStatement = { name: 'ping', text: 'select 1' };

export const readSchema: SqlStatement = { name: 'read_schema', text: 'select max(version) from schema_version' };
