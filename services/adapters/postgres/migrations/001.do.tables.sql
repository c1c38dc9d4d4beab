-- Every key begins with the shard, so that the tables can be spread by it. Times are ms since 1970, versions those of fences.

-- One row a generation: what is fixed for a deployment's life (R1).
create table deployment (
  gen int primary key,
  requests text not null,
  outbound text not null,
  dead_letters text not null,
  parts int not null,
  outs int not null
);

-- settings: the rest of a CseDescription as JSON. sub_ver: version of the subscriptions of the CSEBase (R22).
create table cse (
  no int primary key,
  id text not null unique,
  settings text not null,
  sub_ver bigint not null default 1
);

create table fence (
  gen int,
  part int,
  next bigint not null,
  version bigint not null,
  batch text not null,
  emitted bigint not null,
  log_time bigint not null,
  last_timestamp bigint not null,
  primary key (gen, part)
) with (fillfactor = 50);

-- Fence, outbox and duplicate window in one (architecture §3). Rows go by whole partitions, never one by one (R17): a ring of
-- hours by append time, emptied by truncate. A ring needs no tables made at run time and takes any append time; it has 23
-- parts, so that what comes a day or a week late does not stand among what comes now.
-- keys: 16 bytes of key and 2 of shard each; refs: position of its reply in out; out: the records to emit.
create table journal (
  slot smallint,
  gen int,
  part int,
  version bigint,
  at bigint not null,
  keys bytea not null,
  refs int[] not null,
  out bytea not null,
  primary key (slot, gen, part, version)
) partition by list (slot);

do $$
begin
  for slot in 0..22 loop
    execute format('create table journal_%s partition of journal for values in (%s)', lpad(slot::text, 2, '0'), slot);
    -- Frames are short-lived: not worth the time of compressing.
    execute format('alter table journal_%s alter column out set storage external', lpad(slot::text, 2, '0'));
    execute format('alter table journal_%s alter column keys set storage external', lpad(slot::text, 2, '0'));
  end loop;
end $$;

-- Highest internal record applied, of each source (R5).
create table seen (
  gen int,
  part int,
  source int,
  version bigint not null,
  idx int not null,
  primary key (gen, part, source)
) with (fillfactor = 50);

-- anc: IDs from the first-level ancestor to the parent, joined by '/'; path: names below the CSEBase, joined by '/'.
-- body: the attributes as JSON text, never jsonb: numbers stay digit for digit, keys in their order.
create table resource (
  shard int,
  cse int,
  ri text collate "C",
  pi text collate "C" not null,
  rn text collate "C" not null,
  ty int not null,
  anc text collate "C" not null,
  path text collate "C" not null,
  ver bigint not null,
  seq bigint not null,
  et bigint,
  size bigint not null,
  ct bigint not null,
  cr text not null,
  acpi text[],
  lbl text[],
  body text not null,
  hidden text,
  primary key (shard, cse, ri)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.1);

-- Not unique: rows under a mark still have their names when an AE of the same ID is back (R13). That a name is given once is
-- the owner's decision, and the fence says that there is one owner.
create index resource_name on resource (shard, cse, pi, rn);
create index resource_instance on resource (shard, cse, pi, seq) where ty = 4;
create index resource_child on resource (shard, cse, pi, ty) where ty <> 4;
-- A path may be longer than an index entry.
create index resource_path on resource (shard, cse, left(path, 600)) where ty <> 4;
-- Children of the CSEBase live in all shards.
create index resource_first_level on resource (cse, rn) where anc = '' and ty <> 5;
create index resource_base_subscription on resource (cse) where anc = '' and ty = 23;

-- Counters of a container: narrow, no index on what changes, room in the page.
create table stat (
  shard int,
  cse int,
  ri text collate "C",
  st bigint not null,
  cni bigint not null,
  cbs bigint not null,
  next_seq bigint not null,
  low_seq bigint not null,
  primary key (shard, cse, ri)
) with (fillfactor = 50);

-- Marks (R13). The marked row itself moves here, so that its name and ID are free at once; what is below stays in resource and
-- is hidden where its version is not above until: an AE that is back with the same ID has younger rows.
create table dead (
  shard int,
  cse int,
  ri text collate "C",
  until bigint,
  pi text collate "C" not null,
  rn text collate "C" not null,
  ty int not null,
  anc text collate "C" not null,
  path text collate "C" not null,
  ver bigint not null,
  seq bigint not null,
  et bigint,
  size bigint not null,
  cr text not null,
  acpi text[],
  lbl text[],
  body text not null,
  hidden text,
  primary key (shard, cse, ri, until)
);
create index dead_child on dead (shard, cse, pi);

-- Home shards of AE-IDs; shard is that of the entry (R8).
create table ae_id (
  shard int,
  cse int,
  id text collate "C",
  home int not null,
  primary key (shard, cse, id)
);

create table due (
  shard int,
  at bigint,
  cse int,
  kind text collate "C",
  id text collate "C",
  primary key (shard, at, cse, kind, id)
) with (autovacuum_vacuum_scale_factor = 0.05);

-- Waiting requests (R19). state: the rest of an Exchange as JSON.
create table exchange (
  shard int,
  cse int,
  id text collate "C",
  request bytea not null,
  state text not null,
  primary key (shard, cse, id)
);

-- Queues of notifications (R23).
create table delivery_target (
  shard int,
  cse int,
  sub text collate "C",
  target int,
  address text not null,
  next bigint not null,
  sent bigint not null,
  acked bigint not null,
  fails int not null,
  retry_at bigint not null,
  dropped bigint not null,
  primary key (shard, cse, sub, target)
) with (fillfactor = 50);

create table delivery_note (
  shard int,
  cse int,
  sub text collate "C",
  target int,
  n bigint,
  rqi text not null,
  at bigint not null,
  content text not null,
  counts boolean not null,
  arrived boolean not null default false,
  primary key (shard, cse, sub, target, n)
) with (autovacuum_vacuum_scale_factor = 0.05);
