/** What CSEs have: counted by the statements of a flight that remove or change rows, added by one for what it inserts. */
import type { SqlStatement } from '../../ports/sql-database.ts';

/** Adds differences; a row that is not there begins with them. */
const adding = `on conflict (gen, part, cse) do update
      set aes = usage.aes + excluded.aes, resources = usage.resources + excluded.resources, bytes = usage.bytes + excluded.bytes`;

/**
 * A part of a statement that takes rows out of the count. `gone` is a part before it, with part, cse, ty, ver and bytes of
 * each row. Rows that no flight wrote were never counted.
 */
export function subtract(gone: string, generation: string): string {
  return `insert into usage (gen, part, cse, aes, resources, bytes)
      select ${generation}::int, part, cse, -count(*) filter (where ty = 2), -count(*), -sum(bytes)
      from ${gone} where ver > 0 group by part, cse
      ${adding}`;
}

/** The same for rows that stay, with the bytes before and after. With its first change a seeded row begins to count. */
export function addDifference(changed: string, generation: string): string {
  return `insert into usage (gen, part, cse, aes, resources, bytes)
      select ${generation}::int, part, cse, count(*) filter (where ver <= 0 and ty = 2), count(*) filter (where ver <= 0),
        sum(after - case when ver > 0 then before else 0 end)
      from ${changed} group by part, cse
      ${adding}`;
}

/** Last of those in a flight: tells what there is now. */
export const addUsage: SqlStatement = {
  name: 'add_usage',
  text: `insert into usage (gen, part, cse, aes, resources, bytes)
    select $1::int, n.* from unnest($2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[]) n
    on conflict (gen, part, cse) do update
    set aes = usage.aes + excluded.aes, resources = usage.resources + excluded.resources, bytes = usage.bytes + excluded.bytes
    returning part, cse, aes, resources, bytes`,
};

export const readUsage: SqlStatement = {
  name: 'read_usage',
  text: `select cse, sum(aes)::bigint, sum(resources)::bigint, sum(bytes)::bigint from usage
    where gen = $1::int and part <> all ($2::int[])
    group by cse order by cse`,
};

export const readUsageOfPartition: SqlStatement = {
  name: 'read_usage_of_partition',
  text: 'select cse, aes, resources, bytes from usage where gen = $1::int and part = $2::int order by cse',
};

export const recountUsage: SqlStatement = {
  name: 'recount_usage',
  text: `select cse, count(*) filter (where ty = 2), count(*), sum(octet_length(body))::bigint from resource
    where ver > 0
    group by cse order by cse`,
};

/** Whoever holds the fence of a partition is alone with it. */
export const lockFence: SqlStatement = {
  name: 'lock_fence',
  text: 'select part from fence where gen = $1::int and part = $2::int for update',
};

export const forgetUsageOfPartition: SqlStatement = {
  name: 'forget_usage_of_partition',
  text: 'delete from usage where gen = $1::int and part = $2::int',
};

/** $3 partitions, $4 shards. */
export const recountPartition: SqlStatement = {
  name: 'recount_partition',
  text: `insert into usage (gen, part, cse, aes, resources, bytes)
    select $1::int, $2::int, cse, count(*) filter (where ty = 2), count(*), sum(octet_length(body))
    from resource
    where shard = any (array(select generate_series($2::int, $4::int - 1, $3::int))) and ver > 0
    group by cse`,
};
