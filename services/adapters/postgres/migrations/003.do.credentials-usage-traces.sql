-- One step for one release: a rolling upgrade accepts a schema that is one version newer, no more.

-- Who may connect to the brokers. body: the whole credential as JSON; of passwords it has salted hashes only.
create table credential (
  name text collate "C" primary key,
  body text not null
);

-- What each CSE has, for quotas and figures: counted by the flights that change resources, in the same transaction, a row for
-- each partition, which has one writer. Rows of resources that no flight wrote (seeds, ver <= 0) do not count, nor do marked
-- ones (dead); bytes: UTF-8 bytes of body.
create table usage (
  gen int,
  part int,
  cse int,
  aes bigint not null,
  resources bigint not null,
  bytes bigint not null,
  primary key (gen, part, cse)
) with (fillfactor = 50);

-- What is there already.
insert into usage (gen, part, cse, aes, resources, bytes)
select d.gen, r.shard % d.parts, r.cse, count(*) filter (where r.ty = 2), count(*), sum(octet_length(r.body))
from resource r
cross join (select gen, parts from deployment order by gen desc limit 1) d
where r.ver > 0
group by 1, 2, 3;

-- A notification that waits in its queue belongs to the trace of the request that caused it: traceparent, where it is sampled.
alter table delivery_note add column trace text;
