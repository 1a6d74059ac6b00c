/** One address of a stream: what is wrong on the way to it, who is connected, and the credential it wants to see. */
import type { Chance } from "./chance.ts";
import { type Conditions, Layers } from "./conditions.ts";
import type { Line } from "./line.ts";
import type { Timeline } from "./timeline.ts";
import type { Topic } from "./topic.ts";

/** What an address needs of the world. `hear`: runs what reaches our computer, or keeps it while that does not run. */
export type Ground = {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly hit: (fault: string) => void;
  readonly hear: (run: () => void) => void;
  /** What io makes of a Retry-After that asks for so many ms. */
  readonly retryAfterMs: (ms: number) => number;
};

/** Who answers at one address or at several: what it asks for, it asks for at all of them. */
export type Server = {
  readonly name: string;
  /** It has asked not to be called before this moment. */
  notBefore: number;
};

/** Where an address is, and by which word its credential is known; "" wants none. */
export type Place = { readonly url: string; readonly server: Server; readonly credential: string };

export class Origin {
  readonly url: string;
  readonly server: Server;
  readonly topic: Topic;
  readonly credential: string;
  readonly layers: Layers;
  readonly lines = new Set<Line>();
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly ground: Ground;
  /** When its connections were cut last. */
  cutAt = Number.NEGATIVE_INFINITY;
  /** Spoken to by WebSocket, in frames that come whole. */
  readonly isWebSocket: boolean;

  constructor(ground: Ground, { url, server, credential }: Place, topic: Topic, conditions: Partial<Conditions>) {
    this.ground = ground;
    this.isWebSocket = url.startsWith("ws");
    this.url = url;
    this.server = server;
    this.topic = topic;
    this.credential = credential;
    this.layers = new Layers(conditions, ground.hit);
    this.timeline = ground.timeline;
    this.chance = ground.chance;
  }

  /** Ends all connections to it. @returns whether there was one */
  cut(how: "fin" | "rst" | "silence"): boolean {
    const lines = [...this.lines];
    this.cutAt = this.timeline.now;
    for (const line of lines) line.cut(how);
    return lines.length > 0;
  }
}
