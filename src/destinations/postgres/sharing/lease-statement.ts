// How far ahead the first slot of a lease may be, ms. Workers of a quota that is all leased ask again later.
const LEAD_MS = 1_000;
// A lease is for so long, ms: ten slots at 200 calls a second, and at least one. Three workers then need twenty statements a
// second. A worker that dies loses no more than this.
const LEASE_MS = 50;
// No lease is longer than this, or than one slot, whichever is longer: a lease is rounded to whole slots.
const MAX_LEASE_MS = 2 * LEASE_MS;
// A server may not ask for a longer wait.
const MAX_PAUSE_MS = 60_000;
// A worker that needed a wider margin may have left, or its line may be better now.
const MARGIN_FALLS_MS_A_SECOND = 1;
// Connections have been closed by then, so the next calls are like first ones.
const IDLE_MS = 10_000;

const ms = (value: string | number): string => `((${value}) * interval '1 millisecond')`;
const inMilliseconds = (instant: string): string => `extract(epoch from ${instant})::float8 * 1000`;

/**
 * The statement that leases slots: one upsert of the row of an app and an endpoint, on the clock of the database.
 *
 * The next slot is never further ahead than a lease can have left it, `MAX_LEAD`. If it is, the clock was set back, and slots
 * continue from there: no slot leased before lies later, on whatever clock. So a clock that is set back stops the workers for
 * about a second. A row that was lost begins at the same distance, for the same reason: an unlogged table is empty after a crash
 * of its server, and on a standby that takes over.
 *
 * The table is unlogged, so the commit waits for no disk and no standby.
 *
 * $1 app, $2 endpoint, $3 slots, $4 calls, $5 period in ms, $6 margin in ms, $7 factor, $8 recovery in ms and $9 age in ms of a
 * throttle or null, $10 pause in ms, $11 whether the clock jumped ahead, $12 factor and $13 recovery in ms at the start, $14 how
 * long the answer may take, ms.
 * @param table `call_quota`, with its schema
 */
export const leaseStatement = (table: string): string => `
insert into ${table} as q (
  sdk_app_id, endpoint, leased_at, next_slot_at, first_slot_at, slots, slot_interval_ms, margin_ms,
  throttle_factor, throttled_at, throttle_recovery_ms, is_rate_limited, paused_until
)
select $1::bigint, $2::text, c.now, c.now + ${ms('l.lead_ms')}, c.now + ${ms(`l.lead_ms - ${LEAD_MS}`)}, 0,
       ($5::float8 + $6::float8) / $4::float8, $6::float8,
       $12::float8, c.now, $13::float8, false,
       case when $10::float8 > 0 then c.now + ${ms(`least($10::float8, ${MAX_PAUSE_MS})`)} else '-infinity' end
from (select clock_timestamp() as now) c
cross join lateral (
  select ${LEAD_MS} + greatest(${MAX_LEASE_MS}, ($5::float8 + $6::float8) / $4::float8 / $12::float8) as lead_ms
) l
on conflict (sdk_app_id, endpoint) do update set (
  leased_at, next_slot_at, first_slot_at, slots, slot_interval_ms, margin_ms,
  throttle_factor, throttled_at, throttle_recovery_ms, is_rate_limited, paused_until
) = (
  select c.now,
         case when s.slots = 0 then n.next_slot_at else f.first_slot_at + ${ms('s.slots * i.slot_interval_ms')} end,
         case when s.slots = 0 then f.first_slot_at - ${ms(LEAD_MS)} else f.first_slot_at end,
         s.slots, i.slot_interval_ms, m.margin_ms,
         t.factor, t.throttled_at, t.recovery_ms, t.is_rate_limited, p.paused_until
  -- Read after the row is locked: what waited for another worker's lease must not use an earlier instant.
  from (select clock_timestamp() as now) c
  cross join lateral (
    select case when greatest(q.paused_until, c.now + ${ms('$10::float8')}) > c.now
                then least(greatest(q.paused_until, c.now + ${ms('$10::float8')}), c.now + ${ms(MAX_PAUSE_MS)})
                -- Not the past: a clock that is set back would make it the future.
                else '-infinity' end as paused_until
  ) p
  cross join lateral (
    select q.next_slot_at < c.now - ${ms(IDLE_MS)} as is_start,
           $7::float8 is not null and c.now - ${ms('$9::float8')} > least(q.throttled_at, c.now) as is_cut
  ) h
  cross join lateral (
    select case when h.is_start then $12::float8 when h.is_cut then $7::float8 else q.throttle_factor end as factor,
           case when h.is_start or h.is_cut then c.now else least(q.throttled_at, c.now) end as throttled_at,
           case when h.is_start then $13::float8 when h.is_cut then $8::float8
                else q.throttle_recovery_ms end as recovery_ms,
           case when h.is_start then false when h.is_cut then true else q.is_rate_limited end as is_rate_limited
  ) t
  cross join lateral (
    select ${inMilliseconds('c.now - t.throttled_at')} / nullif(t.recovery_ms, 0) as recovered
  ) r
  cross join lateral (
    select greatest($6::float8, q.margin_ms - ${MARGIN_FALLS_MS_A_SECOND}
                    * greatest(0, ${inMilliseconds('c.now - q.leased_at')} / 1000)) as margin_ms
  ) m
  cross join lateral (
    select ($5::float8 + m.margin_ms) / $4::float8
           / case when r.recovered < 1 then t.factor + (1 - t.factor) * r.recovered ^ 2 else 1 end as slot_interval_ms
  ) i
  cross join lateral (
    select c.now + ${ms(`${LEAD_MS} + greatest(${MAX_LEASE_MS}, i.slot_interval_ms)`)} as latest
  ) l
  cross join lateral (
    select case when $11::boolean then l.latest else least(q.next_slot_at, l.latest) end as next_slot_at
  ) n
  cross join lateral (
    select greatest(c.now + ${ms('$14::float8')}, n.next_slot_at, p.paused_until) as first_slot_at
  ) f
  cross join lateral (
    select case when f.first_slot_at > c.now + ${ms(LEAD_MS)} then 0
                else least($3::integer, greatest(1, round(${LEASE_MS} / i.slot_interval_ms)::integer)) end as slots
  ) s
)
returning ${inMilliseconds('q.leased_at')} as now, q.slots, ${inMilliseconds('q.first_slot_at')} as first, q.slot_interval_ms as interval_ms,
          q.margin_ms, q.throttle_factor, ${inMilliseconds('q.throttled_at')} as throttled_at, q.throttle_recovery_ms,
          q.is_rate_limited, ${inMilliseconds('q.paused_until')} as paused_until`;
