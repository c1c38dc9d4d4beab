/** Statements of the walk through descendants; see walk-descendants.ts. */
import type { SqlStatement } from '../../ports/sql-database.ts';
import { counterColumns, isAlive, resourceColumns } from './rows.ts';

/** Sorts as a tree does: what is below a resource comes right behind it, before siblings such as `a-b` behind `a`. */
export const treeKey = (path: string): string => `replace(${path}, '/', chr(1)) collate "C"`;

/** Parent resource of a walk: shard and path. */
export const findRoot: SqlStatement = {
  name: 'find_root',
  text: `select r.path from resource r
    where r.shard = $1::int and r.cse = $2::int and r.ri = $3::text and ${isAlive('r')}`,
};

/** First-level children from a name on, in the order of names; they live in all shards. */
export const listFirstLevel: SqlStatement = {
  name: 'list_first_level',
  text: `select r.shard, r.ri, r.path from resource r
    where r.cse = $1::int and r.anc = '' and r.ty <> 5 and r.rn >= $2::text and ${isAlive('r')}
    order by r.rn
    limit $3::int`,
};

/**
 * The next part of a walk below some roots: up to $10 resources behind the key of a path ($6) are looked at, and those that fit
 * the conditions come back. Instances have no children and may be millions: of each container only the next $10 are read.
 * $1–$4 roots with their depth (0: not part of the result) · $5 deepest level · $7 now · $8 types · $9 labels ·
 * $11, $12 created at or after, before · $13 instances are wanted.
 * Each row: how many were looked at and the path of the last, then a resource and its counters (nulls if none fits).
 */
export const walkOn: SqlStatement = {
  name: 'walk_on',
  text: `with recursive skeleton as (
      select r.shard, r.cse, r.ri, r.path, r.ty, r.ct, r.lbl, n.depth, n.depth > 0 as counts
      from unnest($1::int[], $2::int[], $3::text[], $4::int[]) n (shard, cse, ri, depth)
      join resource r on r.shard = n.shard and r.cse = n.cse and r.ri = n.ri
      where r.et is null or r.et > $7::bigint or n.depth = 0
      union all
      select c.shard, c.cse, c.ri, c.path, c.ty, c.ct, c.lbl, s.depth + 1, true
      from skeleton s
      join resource c on c.shard = s.shard and c.cse = s.cse and c.pi = s.ri and c.ty <> 4
      where s.depth < $5::int
        and (c.et is null or c.et > $7::bigint)
        and not exists (select 1 from dead d where d.shard = c.shard and d.cse = c.cse and d.ri = c.pi and d.until >= c.ver)
        and (${treeKey('c.path')} > ${treeKey('$6::text')} or starts_with($6::text || '/', c.path || '/'))
    ), looked_at as (
      select * from (
        select s.shard, s.cse, s.ri, s.path, s.ty, s.ct, s.lbl from skeleton s
        where s.counts and ${treeKey('s.path')} > ${treeKey('$6::text')}
        union all
        select i.shard, i.cse, i.ri, i.path, i.ty, i.ct, i.lbl
        from skeleton s
        left join stat t on t.shard = s.shard and t.cse = s.cse and t.ri = s.ri
        cross join lateral (
          select * from resource x
          where x.shard = s.shard and x.cse = s.cse and x.pi = s.ri and x.ty = 4 and x.seq >= coalesce(t.low_seq, 0)
            and (x.et is null or x.et > $7::bigint)
            and x.rn > case when starts_with($6::text, s.path || '/')
              then split_part(substr($6::text, length(s.path) + 2), '/', 1) else '' end
          order by x.rn
          limit $10::int
        ) i
        where $13::boolean and s.ty = 3 and s.depth < $5::int
          and (${treeKey('s.path')} >= ${treeKey('$6::text')} or starts_with($6::text, s.path || '/'))
      ) u
      order by ${treeKey('u.path')}
      limit $10::int
    ), fitting as (
      select l.shard, l.cse, l.ri from looked_at l
      where ($8::int[] is null or l.ty = any ($8::int[]))
        and ($9::text[] is null or l.lbl && $9::text[])
        and ($11::bigint is null or l.ct >= $11::bigint)
        and ($12::bigint is null or l.ct < $12::bigint)
    )
    select w.total, w.last, ${resourceColumns('r')}, ${counterColumns('c')}
    from (select count(*) as total, (array_agg(path order by ${treeKey('path')} desc))[1] as last from looked_at) w
    left join (fitting f join resource r on r.shard = f.shard and r.cse = f.cse and r.ri = f.ri) on true
    left join stat c on c.shard = r.shard and c.cse = r.cse and c.ri = r.ri
    order by ${treeKey('r.path')}`,
};
