/** What loads ask (R9): one statement for each kind of need, each row of an answer beginning with the position of its need. */
import type { SqlStatement } from '../../ports/sql-database.ts';
import { counterColumns, isAlive, resourceColumns } from './rows.ts';

/** `alias` is an instance that its container still counts (R13). */
const isKept = (alias: string): string =>
  `${alias}.seq >= coalesce((select s.low_seq from stat s
    where s.shard = ${alias}.shard and s.cse = ${alias}.cse and s.ri = ${alias}.pi), 0)`;

/**
 * Resources by ID or by path (an instance by the path of its parent and its name), each followed by its subscriptions. Columns
 * after the position: 0 or 1 for a subscription, the resource, its counters, the version of its CSE's subscriptions.
 * The look-up of an instance is a barrier and leaves the type out: where a planner knows no statistics, it would walk through
 * all instances of a shard instead of asking for the name.
 */
export const loadResources: SqlStatement = {
  name: 'load_resources',
  text: `with found as materialized (
      select n.ord, r.*
      from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])
        n (ord, shard, cse, ri, path, parent, name)
      cross join lateral (
        select * from resource r
        where n.ri is not null and r.shard = n.shard and r.cse = n.cse and r.ri = n.ri
        union all
        select * from resource r
        where n.path is not null and r.shard = n.shard and r.cse = n.cse and left(r.path, 600) = left(n.path, 600)
          and r.path = n.path and r.ty <> 4
        union all
        select i.* from resource p
        cross join lateral (
          select * from resource x
          where x.shard = n.shard and x.cse = n.cse and x.pi = p.ri and x.rn = n.name
          offset 0
        ) i
        where n.parent is not null and p.shard = n.shard and p.cse = n.cse and left(p.path, 600) = left(n.parent, 600)
          and p.path = n.parent and p.ty <> 4 and i.ty = 4
      ) r
      where ${isAlive('r')} and (r.ty <> 4 or ${isKept('r')})
    )
    select f.ord, 0 as below, ${resourceColumns('f')}, ${counterColumns('s')},
      (select c.sub_ver from cse c where f.ty = 5 and c.no = f.cse), f.ct as born
    from found f
    left join stat s on s.shard = f.shard and s.cse = f.cse and s.ri = f.ri
    union all
    select f.ord, 1, ${resourceColumns('b')}, null, null, null, null, null, null, b.ct
    from found f
    cross join lateral (
      select * from resource x
      where f.ty <> 4 and f.ty <> 5 and x.shard = f.shard and x.cse = f.cse and x.pi = f.ri and x.ty <> 4 and x.ty = 23
      union all
      select * from resource x where f.ty = 5 and x.cse = f.cse and x.anc = '' and x.ty = 23
    ) b
    where ${isAlive('b')}
    order by ord, below, born, ri`,
};

const edge = (name: string, order: string): SqlStatement => ({
  name,
  text: `select n.ord, ${resourceColumns('r')}
    from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::bigint[]) n (ord, shard, cse, pi, now)
    cross join lateral (
      select * from resource i
      where i.shard = n.shard and i.cse = n.cse and i.pi = n.pi and i.ty = 4 and (i.et is null or i.et > n.now)
        and i.seq >= coalesce((select s.low_seq from stat s where s.shard = n.shard and s.cse = n.cse and s.ri = n.pi), 0)
        and ${isAlive('i')}
      order by i.seq ${order}
      limit 1
    ) r`,
});

export const loadLatest = edge('load_latest', 'desc');
export const loadOldest = edge('load_oldest', 'asc');

export const loadOldestInstances: SqlStatement = {
  name: 'load_oldest_instances',
  text: `select n.ord, r.ri, r.seq, r.size, r.et
    from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::int[]) n (ord, shard, cse, pi, wanted)
    cross join lateral (
      select * from resource i
      where i.shard = n.shard and i.cse = n.cse and i.pi = n.pi and i.ty = 4
        and i.seq >= coalesce((select s.low_seq from stat s where s.shard = n.shard and s.cse = n.cse and s.ri = n.pi), 0)
        and ${isAlive('i')}
      order by i.seq
      limit n.wanted
    ) r
    order by n.ord, r.seq`,
};

/** The newest instances that fit both limits; where none does, the next sequence number is the lowest. */
export const loadCuts: SqlStatement = {
  name: 'load_cuts',
  text: `select n.ord, coalesce(k.low, s.next_seq, 0), k.instances, k.bytes
    from unnest($1::int[], $2::int[], $3::int[], $4::text[], $5::bigint[], $6::bigint[])
      n (ord, shard, cse, pi, keep_count, keep_bytes)
    left join stat s on s.shard = n.shard and s.cse = n.cse and s.ri = n.pi
    cross join lateral (
      select min(w.seq) as low, count(*) as instances, coalesce(sum(w.size), 0)::bigint as bytes
      from (
        select i.seq, i.size, sum(i.size) over (order by i.seq desc rows unbounded preceding) as total
        from (
          select x.seq, x.size from resource x
          where x.shard = n.shard and x.cse = n.cse and x.pi = n.pi and x.ty = 4 and x.seq >= coalesce(s.low_seq, 0)
            and ${isAlive('x')}
          order by x.seq desc
          limit n.keep_count
        ) i
      ) w
      where w.total <= coalesce(n.keep_bytes, w.total)
    ) k`,
};

export const loadAeHomes: SqlStatement = {
  name: 'load_ae_homes',
  text: `select n.ord, a.home
    from unnest($1::int[], $2::int[], $3::int[], $4::text[]) n (ord, shard, cse, id)
    join ae_id a on a.shard = n.shard and a.cse = n.cse and a.id = n.id`,
};

export const loadLatestChildExpiries: SqlStatement = {
  name: 'load_latest_child_expiries',
  text: `select n.ord, (
      select max(c.et) from resource c
      where c.shard = n.shard and c.cse = n.cse and c.pi = n.pi and ${isAlive('c')}
        and (c.ty <> 4 or c.seq >= coalesce(s.low_seq, 0))
    )
    from unnest($1::int[], $2::int[], $3::int[], $4::text[]) n (ord, shard, cse, pi)
    left join stat s on s.shard = n.shard and s.cse = n.cse and s.ri = n.pi`,
};

export const readVersions: SqlStatement = {
  name: 'read_versions',
  text: `select n.ord, r.ver
    from unnest($1::int[], $2::int[], $3::int[], $4::text[]) n (ord, shard, cse, ri)
    join resource r on r.shard = n.shard and r.cse = n.cse and r.ri = n.ri
    where ${isAlive('r')}`,
};
