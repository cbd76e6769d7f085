import { camelKeys, snakeKeys } from '../../json/key-case.ts';
import type { Timeline } from './timeline.ts';

/** The stored form of a timeline: keys in snake_case, except those of `errors`, which are data. */
export const timelineJson = (timeline: Timeline): Record<string, unknown> => ({
  ...snakeKeys(timeline),
  buckets: timeline.buckets.map((bucket) => ({ ...snakeKeys(bucket), waits: snakeKeys(bucket.waits) })),
});

/** The reverse of {@link timelineJson}. */
export function timelineFrom(json: object): Timeline {
  const timeline = camelKeys(json) as Timeline;
  return {
    ...timeline,
    buckets: timeline.buckets.map((bucket) => ({
      ...bucket,
      waits: camelKeys(bucket.waits) as (typeof bucket)['waits'],
    })),
  };
}
