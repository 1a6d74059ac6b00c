/** Two real servers of one stream, as a group declares them: the same events under the same ids, each going and coming alone. */
import { type EventOrigin, eventOrigin, type Sent } from "./event-origin.ts";

export type Twins = {
  readonly first: EventOrigin;
  readonly second: EventOrigin;
  /** Both have it from now on, also the one that is away. */
  publish(data: string): Sent;
  publishMany(count: number): void;
};

/** They live as long as the test that asks for them. */
export async function twinOrigins(): Promise<Twins> {
  const [first, second] = [await eventOrigin(), await eventOrigin()];
  const publish = (data: string) => {
    second.publish(data);
    return first.publish(data);
  };
  return {
    first,
    second,
    publish,
    publishMany(count) {
      for (let i = 0; i < count; i++) publish(JSON.stringify({ n: first.log.length + 1 }));
    },
  };
}
