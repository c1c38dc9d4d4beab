/** What a flight may send (R11): one statement for each kind of change, each parameter a column of all its rows. */
import type { SqlStatement } from '../../ports/sql-database.ts';
import { addDifference, subtract } from './usage-statements.ts';

export const begin: SqlStatement = { name: '', text: 'begin isolation level read committed' };
export const commit: SqlStatement = { name: '', text: 'commit' };

export const guard: SqlStatement = {
  name: 'guard',
  text: `select guard(
    $1::int, $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::int[], $11::int[], $12::int[], $13::text[], $14::bigint[],
    $15::int[], $16::int[], $17::bigint[], $18::int[],
    $19::int[], $20::int[], $21::text[], $22::int[],
    $23::int[], $24::int[], $25::int[], $26::text[], $27::int[])`,
};

/** Rows of this version or older: a younger one of the same ID is somebody else's. Marked rows too. */
export const removeResources: SqlStatement = {
  name: 'remove_resources',
  text: `with n as (
      select * from unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::int[]) n (shard, cse, ri, ver, part)
    ), gone as (
      delete from resource r using n
      where r.shard = n.shard and r.cse = n.cse and r.ri = n.ri and r.ver <= n.ver
      returning r.shard, r.cse, r.ri, r.ty, r.ver, n.part, octet_length(r.body) as bytes
    ), counted as (
      ${subtract('gone', '$6')}
    ), swept as (
      delete from dead d using n
      where d.shard = n.shard and d.cse = n.cse and d.ri = n.ri and d.ver = n.ver
      returning d.shard, d.cse, d.ri
    )
    delete from stat s using (select shard, cse, ri from gone union all select * from swept) g
    where s.shard = g.shard and s.cse = g.cse and s.ri = g.ri`,
};

export const updateResources: SqlStatement = {
  name: 'update_resources',
  text: `with n as (
      select * from unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
        $8::text[], $9::text[], $10::text[], $11::text[], $12::int[])
        n (shard, cse, ri, ver, et, size, cr, acpi, lbl, body, hidden, part)
    ), changed as (
      select n.part, r.cse, r.ty, r.ver, octet_length(r.body) as before, octet_length(n.body) as after
      from n
      join resource r on r.shard = n.shard and r.cse = n.cse and r.ri = n.ri
    ), counted as (
      ${addDifference('changed', '$13')}
    )
    update resource r
    set ver = n.ver, et = n.et, size = n.size, cr = n.cr, acpi = n.acpi::text[], lbl = n.lbl::text[],
      body = n.body, hidden = n.hidden
    from n
    where r.shard = n.shard and r.cse = n.cse and r.ri = n.ri`,
};

export const insertResources: SqlStatement = {
  name: 'insert_resources',
  text: `insert into resource
      (shard, cse, ri, pi, rn, ty, anc, path, ver, seq, et, size, ct, cr, acpi, lbl, body, hidden)
    select n.shard, n.cse, n.ri, n.pi, n.rn, n.ty, n.anc, n.path, n.ver, n.seq, n.et, n.size, n.ct, n.cr, n.acpi::text[],
      n.lbl::text[], n.body, n.hidden
    from unnest($1::int[], $2::int[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::bigint[],
      $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[], $17::text[],
      $18::text[]) n (shard, cse, ri, pi, rn, ty, anc, path, ver, seq, et, size, ct, cr, acpi, lbl, body, hidden)`,
};

/** The marked row leaves the table: its ID and name are free (R13). */
export const markResources: SqlStatement = {
  name: 'mark_resources',
  text: `with gone as (
      delete from resource r
      using unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::int[]) n (shard, cse, ri, until, part)
      where r.shard = n.shard and r.cse = n.cse and r.ri = n.ri and r.ver <= n.until
      returning r.*, n.until, n.part, octet_length(r.body) as bytes
    ), counted as (
      ${subtract('gone', '$6')}
    )
    insert into dead (shard, cse, ri, until, pi, rn, ty, anc, path, ver, seq, et, size, cr, acpi, lbl, body, hidden)
    select shard, cse, ri, until, pi, rn, ty, anc, path, ver, seq, et, size, cr, acpi, lbl, body, hidden from gone`,
};

/** Before the counters: what is below the lowest sequence known so far is gone already, or left to a sweep. */
export const evictInstances: SqlStatement = {
  name: 'evict_instances',
  text: `with gone as (
      delete from resource r
      using unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::int[]) n (shard, cse, pi, below, part)
      left join stat s on s.shard = n.shard and s.cse = n.cse and s.ri = n.pi
      where r.shard = n.shard and r.cse = n.cse and r.pi = n.pi and r.ty = 4
        and r.seq >= coalesce(s.low_seq, 0) and r.seq < n.below
      returning r.cse, r.ty, r.ver, n.part, octet_length(r.body) as bytes
    )
    ${subtract('gone', '$6')}`,
};

export const raiseFloors: SqlStatement = {
  name: 'raise_floors',
  text: `update stat s set low_seq = n.below
    from unnest($1::int[], $2::int[], $3::text[], $4::bigint[]) n (shard, cse, ri, below)
    where s.shard = n.shard and s.cse = n.cse and s.ri = n.ri and s.low_seq < n.below`,
};

export const putCounters: SqlStatement = {
  name: 'put_counters',
  text: `insert into stat (shard, cse, ri, st, cni, cbs, next_seq, low_seq)
    select * from unnest($1::int[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[])
    on conflict (shard, cse, ri) do update
    set st = excluded.st, cni = excluded.cni, cbs = excluded.cbs, next_seq = excluded.next_seq, low_seq = excluded.low_seq`,
};

export const putDue: SqlStatement = {
  name: 'put_due',
  text: `insert into due (shard, at, cse, kind, id)
    select * from unnest($1::int[], $2::bigint[], $3::int[], $4::text[], $5::text[])
    on conflict do nothing`,
};

export const dropDue: SqlStatement = {
  name: 'drop_due',
  text: `delete from due d
    using unnest($1::int[], $2::bigint[], $3::int[], $4::text[], $5::text[]) n (shard, at, cse, kind, id)
    where d.shard = n.shard and d.at = n.at and d.cse = n.cse and d.kind = n.kind and d.id = n.id`,
};

export const putExchange: SqlStatement = {
  name: 'put_exchange',
  text: `insert into exchange (shard, cse, id, request, state) values ($1::int, $2::int, $3::text, $4::bytea, $5::text)
    on conflict (shard, cse, id) do update set request = excluded.request, state = excluded.state`,
};

export const removeExchanges: SqlStatement = {
  name: 'remove_exchanges',
  text: `delete from exchange e using unnest($1::int[], $2::int[], $3::text[]) n (shard, cse, id)
    where e.shard = n.shard and e.cse = n.cse and e.id = n.id`,
};

export const removeQueues: SqlStatement = {
  name: 'remove_queues',
  text: `with n as (
      select * from unnest($1::int[], $2::int[], $3::text[], $4::int[]) n (shard, cse, sub, target)
    ), notes as (
      delete from delivery_note d using n
      where d.shard = n.shard and d.cse = n.cse and d.sub = n.sub and d.target = n.target
    )
    delete from delivery_target t using n
    where t.shard = n.shard and t.cse = n.cse and t.sub = n.sub and t.target = n.target`,
};

export const putTargets: SqlStatement = {
  name: 'put_targets',
  text: `insert into delivery_target (shard, cse, sub, target, address, next, sent, acked, fails, retry_at, dropped)
    select * from unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[],
      $9::int[], $10::bigint[], $11::bigint[])
    on conflict (shard, cse, sub, target) do update
    set address = excluded.address, next = excluded.next, sent = excluded.sent, acked = excluded.acked,
      fails = excluded.fails, retry_at = excluded.retry_at, dropped = excluded.dropped`,
};

export const queueNotes: SqlStatement = {
  name: 'queue_notes',
  text: `insert into delivery_note (shard, cse, sub, target, n, rqi, at, content, counts, arrived, trace)
    select * from unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::bigint[], $6::text[], $7::bigint[], $8::text[],
      $9::boolean[], $10::boolean[], $11::text[])
    on conflict (shard, cse, sub, target, n) do update
    set rqi = excluded.rqi, at = excluded.at, content = excluded.content, counts = excluded.counts, arrived = excluded.arrived,
      trace = excluded.trace`,
};

export const acknowledgeNotes: SqlStatement = {
  name: 'acknowledge_notes',
  text: `with n as (
      select * from unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::bigint[]) n (shard, cse, sub, target, below)
    ), done as (
      delete from delivery_note d using n
      where d.shard = n.shard and d.cse = n.cse and d.sub = n.sub and d.target = n.target and d.n < n.below
    )
    update delivery_target t set acked = n.below from n
    where t.shard = n.shard and t.cse = n.cse and t.sub = n.sub and t.target = n.target and t.acked < n.below`,
};

export const noteArrivals: SqlStatement = {
  name: 'note_arrivals',
  text: `update delivery_note d set arrived = true
    from unnest($1::int[], $2::int[], $3::text[], $4::int[], $5::bigint[]) n (shard, cse, sub, target, n)
    where d.shard = n.shard and d.cse = n.cse and d.sub = n.sub and d.target = n.target and d.n = n.n`,
};

export const putSeen: SqlStatement = {
  name: 'put_seen',
  text: `insert into seen (gen, part, source, version, idx)
    select $1::int, n.* from unnest($2::int[], $3::int[], $4::bigint[], $5::int[]) n
    on conflict (gen, part, source) do update set version = excluded.version, idx = excluded.idx
    where (excluded.version, excluded.idx) > (seen.version, seen.idx)`,
};

/** The bytes of all partitions come as one value each, cut by offset (from 1) and length: nothing is escaped or copied twice. */
export const putJournal: SqlStatement = {
  name: 'put_journal',
  text: `insert into journal (slot, gen, part, version, at, keys, refs, out)
    select n.slot, $1::int, n.part, n.version, n.at, substring($2::bytea from n.key_at for n.key_length),
      n.refs::int[], substring($3::bytea from n.out_at for n.out_length)
    from unnest($4::int[], $5::int[], $6::bigint[], $7::bigint[], $8::int[], $9::int[], $10::int[], $11::int[], $12::text[])
      n (slot, part, version, at, key_at, key_length, out_at, out_length, refs)`,
};
