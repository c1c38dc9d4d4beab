-- First in every flight (R12): what it relies on still holds, then fences, directory and versions are moved on. Raises, with
-- the partitions in DETAIL: ZA001 a fence is not as its owner knows, ZA002 a row or version has changed, ZA003 an AE-ID is taken.
create function guard(
  its_gen int, parts int[], versions bigint[], firsts bigint[], nexts bigint[], batches text[], emitteds bigint[],
  log_times bigint[], last_timestamps bigint[],
  rely_part int[], rely_shard int[], rely_cse int[], rely_ri text[], rely_ver bigint[],
  base_part int[], base_cse int[], base_ver bigint[], changed_base int[],
  free_shard int[], free_cse int[], free_id text[], free_home int[],
  take_part int[], take_shard int[], take_cse int[], take_id text[], take_home int[]
) returns void
language plpgsql as $$
declare
  bad int[];
  what text;
begin
  perform 1 from fence f where f.gen = its_gen and f.part = any (parts) order by f.part for update;

  select array_agg(p.part order by p.part) into bad
  from unnest(parts, versions, firsts) p (part, version, first)
  left join fence f on f.gen = its_gen and f.part = p.part
  where f.version is distinct from p.version or f.next > p.first;
  if bad is not null then
    raise exception 'fenced' using errcode = 'ZA001', detail = to_json(bad)::text;
  end if;

  if cardinality(rely_part) > 0 then
    -- With what they are below: a mark is set on an ancestor (R13).
    perform 1
    from (
      select distinct n.shard, n.cse, held.ri
      from unnest(rely_shard, rely_cse, rely_ri) n (shard, cse, ri)
      left join resource o on (o.shard, o.cse, o.ri) = (n.shard, n.cse, n.ri)
      cross join lateral unnest(string_to_array(coalesce(o.anc, ''), '/') || n.ri) held (ri)
    ) h
    join resource r on (r.shard, r.cse, r.ri) = (h.shard, h.cse, h.ri)
    order by r.shard, r.cse, r.ri
    for share of r;
    select array_agg(distinct n.part), string_agg(n.cse || '/' || n.ri, ', ') into bad, what
    from unnest(rely_part, rely_shard, rely_cse, rely_ri, rely_ver) n (part, shard, cse, ri, ver)
    left join resource r
      on (r.shard, r.cse, r.ri) = (n.shard, n.cse, n.ri)
      and not exists (
        select 1
        from dead d
        where (d.shard, d.cse) = (r.shard, r.cse) and d.ri = any (string_to_array(r.anc, '/')) and d.until >= r.ver
      )
    where coalesce(r.ver, 0) <> n.ver;
    if bad is not null then
      raise exception 'resource %', what using errcode = 'ZA002', detail = to_json(bad)::text;
    end if;
  end if;

  if cardinality(base_part) > 0 or cardinality(changed_base) > 0 then
    -- The stronger lock first: two that hold the weaker one could not both get it.
    perform 1 from cse c where c.no = any (changed_base) order by c.no for no key update;
    perform 1 from cse c where c.no = any (base_cse) order by c.no for share;
    select array_agg(distinct n.part), string_agg(n.cse::text, ', ') into bad, what
    from unnest(base_part, base_cse, base_ver) n (part, cse, ver)
    left join cse c on c.no = n.cse
    where c.sub_ver is distinct from n.ver;
    if bad is not null then
      raise exception 'subscriptions of CSEBase %', what using errcode = 'ZA002', detail = to_json(bad)::text;
    end if;
    update cse c set sub_ver = c.sub_ver + 1 where c.no = any (changed_base);
  end if;

  if cardinality(free_id) > 0 then
    delete from ae_id a
    using unnest(free_shard, free_cse, free_id, free_home) n (shard, cse, id, home)
    where (a.shard, a.cse, a.id, a.home) = (n.shard, n.cse, n.id, n.home);
  end if;

  if cardinality(take_id) > 0 then
    with taken as (
      insert into ae_id (shard, cse, id, home)
      select n.shard, n.cse, n.id, n.home
      from unnest(take_shard, take_cse, take_id, take_home) n (shard, cse, id, home)
      order by n.shard, n.cse, n.id
      on conflict do nothing
      returning shard, cse, id
    )
    select array_agg(distinct n.part), string_agg(n.cse || '/' || n.id, ', ') into bad, what
    from unnest(take_part, take_shard, take_cse, take_id) n (part, shard, cse, id)
    left join taken t on (t.shard, t.cse, t.id) = (n.shard, n.cse, n.id)
    where t.id is null;
    if bad is not null then
      raise exception 'AE-ID %', what using errcode = 'ZA003', detail = to_json(bad)::text;
    end if;
  end if;

  update fence f
  set next = p.next, version = p.version + 1, batch = p.batch, emitted = p.emitted, log_time = p.log_time,
    last_timestamp = p.last_timestamp
  from unnest(parts, versions, nexts, batches, emitteds, log_times, last_timestamps)
    p (part, version, next, batch, emitted, log_time, last_timestamp)
  where f.gen = its_gen and f.part = p.part;
end $$;
